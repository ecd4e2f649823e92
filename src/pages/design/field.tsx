import type { ComponentChildren, JSX } from 'preact';

export interface FieldProps {
  /** The control's id */
  readonly id: string;
  readonly label: string;
  /** What to know before filling it in; the control names `${id}-hint` in aria-describedby. */
  readonly hint?: string;
  readonly children: ComponentChildren;
}

/** A control of a form under its label. */
export function Field({ id, label, hint, children }: FieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {children}
    </div>
  );
}

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
