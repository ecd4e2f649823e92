import type { ComponentChildren, JSX } from 'preact';

interface ButtonLook {
  readonly children: ComponentChildren;
  /** `strong` for the main action of a page, `quiet` for others */
  readonly look?: 'strong' | 'quiet';
}

export interface LinkButtonProps extends ButtonLook {
  readonly href: string;
  /** The name under which the browser saves the target; empty: the server's */
  readonly download?: string;
  /** Of a FasterLink: hidden until a script shows it */
  readonly readyPath?: string;
}

/** A link that looks like a button: opens a page or downloads a file. */
export function LinkButton(props: LinkButtonProps): JSX.Element {
  const { href, download, look, readyPath, children } = props;
  return (
    <a
      class={`button ${look ?? 'strong'}`}
      {...{ href, download }}
      {...(readyPath !== undefined && { 'data-ready': readyPath, hidden: true })}
    >
      {children}
    </a>
  );
}

export interface ButtonProps extends ButtonLook {
  readonly id?: string;
  readonly type?: 'submit' | 'button';
  readonly disabled?: boolean;
  /** For buttons that a script shows */
  readonly hidden?: boolean;
  /** For screen readers, where the text alone does not say what it is about */
  readonly label?: string;
  /** For pages that are rendered again in the browser */
  readonly onClick?: () => void;
}

/** A button of a form or a script. */
export function Button(props: ButtonProps): JSX.Element {
  const { look, type = 'submit', label, children, ...rest } = props;
  return (
    <button class={`button ${look ?? 'strong'}`} type={type} aria-label={label} {...rest}>
      {children}
    </button>
  );
}
