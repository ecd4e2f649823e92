/** A browser has one circuit for one address: more streams would share it. */
export const ONE_CIRCUIT = 1;

/** How a page differs from a program in what it puts up with. */
export const PAGE_POLICY: { readonly tamperedMax: number; readonly awayMaxMs: number } = {
  /** What was changed on its way ends it at once: a page comes from the relay, and should say so. */
  tamperedMax: 1,
  /** How long it looks for the other side: longer than Tor takes to mend, and a person to wonder. */
  awayMaxMs: 10 * 60_000,
};
