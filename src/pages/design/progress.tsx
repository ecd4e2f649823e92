import type { JSX } from 'preact';

export interface ProgressProps {
  /** Scripts find the bar by it, and its words by `${id}-text`. */
  readonly id: string;
  readonly label: string;
  readonly hidden?: boolean;
}

/** How far something is; a script moves it. */
export function Progress({ id, label, hidden }: ProgressProps): JSX.Element {
  return (
    <div class="progress" hidden={hidden}>
      <label for={id}>{label}</label>
      <progress id={id} max={1} value={0} aria-describedby={`${id}-text`} />
      <p id={`${id}-text`} class="hint" role="status" />
    </div>
  );
}
