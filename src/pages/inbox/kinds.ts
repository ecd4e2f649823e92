/** Which files an inbox takes, by the end of their names: `pdf`, `tar.gz`; case does not matter. */
export type Kinds = { readonly accept: readonly string[] } | { readonly deny: readonly string[] };

/** Whether a file may come that will stand here under `name`. */
export function isTaken(name: string, kinds: Kinds | undefined): boolean {
  if (kinds === undefined) return true;
  // Windows forgets what stands at the end, and takes "a.exe. " for "a.exe".
  const end = name.toLowerCase().replace(/[. ]+$/, '');
  const isListed = (extensions: readonly string[]): boolean =>
    extensions.some((extension) => end.endsWith(`.${extension.toLowerCase().replace(/^\./, '')}`));
  return 'accept' in kinds ? isListed(kinds.accept) : !isListed(kinds.deny);
}
