import type { JSX } from 'preact';

export interface TimeProps {
  readonly at: Date;
}

/** A moment in UTC, as Tor Browser has it for everybody. */
export function Time({ at }: TimeProps): JSX.Element {
  const text = at.toISOString();
  return <time dateTime={text}>{text.slice(0, 16).replace('T', ' ')}</time>;
}
