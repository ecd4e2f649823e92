/** What one process used for one run. */
export interface Usage {
  /** User and system time. */
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  /** When 25, 50, 75 and 100 % of the file had been carried. */
  readonly rssBytes: readonly number[];
}

export interface Timing {
  readonly seconds: number;
  readonly firstByteSeconds?: number;
  /** From the first byte of content to the last. */
  readonly contentSeconds?: number;
}

/** What a recipient reports, where the way itself knows. */
export interface Arrived {
  readonly sha256?: string | undefined;
  /** In use at last. */
  readonly circuits?: number | undefined;
}

/** What a process says when a run is done. */
export interface SideReport extends Arrived {
  readonly usage: Usage;
  /** From the side that keeps the time. */
  readonly timing?: Timing;
}

/** From a side to the bench. */
export type FromSide =
  | { readonly kind: 'ready'; readonly where: string }
  | { readonly kind: 'report'; readonly report: SideReport };

/** To a side that serves one run after the other: what was used since the last time; or the end. */
export type ToSide = 'report' | 'end';
