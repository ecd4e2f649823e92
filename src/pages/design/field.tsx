import type { ComponentChildren, JSX } from 'preact';

export interface FieldProps {
  /** The control's id */
  readonly id: string;
  readonly label: string;
  /** Shown above the control, which refers to `${id}-hint` in aria-describedby */
  readonly hint?: string;
  readonly children: ComponentChildren;
}

/** A form control with its label. */
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
  /** Of the bar; its label is `${id}-label`, its text `${id}-text` */
  readonly id: string;
  readonly label: string;
}

/** A progress bar that a script updates. */
export function Progress({ id, label }: ProgressProps): JSX.Element {
  return (
    <div class="field">
      <label for={id} id={`${id}-label`} tabIndex={-1}>
        {label}
      </label>
      <progress id={id} max={1} value={0} aria-describedby={`${id}-text`} />
      <p id={`${id}-text`} class="hint" role="status" />
    </div>
  );
}
