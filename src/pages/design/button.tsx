import type { ComponentChildren, JSX } from 'preact';

interface ButtonLook {
  readonly children: ComponentChildren;
  /** The one thing that a page is for stands out; others are quiet. */
  readonly look?: 'strong' | 'quiet';
}

export interface LinkButtonProps extends ButtonLook {
  readonly href: string;
  /** Under which name the browser keeps what it leads to. */
  readonly download?: string;
}

/** Something that leads somewhere, or fetches a file. */
export function LinkButton({ href, download, look, children }: LinkButtonProps): JSX.Element {
  return (
    <a class={`button ${look ?? 'strong'}`} href={href} download={download}>
      {children}
    </a>
  );
}

export interface ButtonProps extends ButtonLook {
  readonly id?: string;
  readonly type?: 'submit' | 'button';
  readonly disabled?: boolean;
  /** Scripts show what works with them only. */
  readonly hidden?: boolean;
}

/** Something that does something. */
export function Button({ look, type = 'submit', children, ...rest }: ButtonProps): JSX.Element {
  return (
    <button class={`button ${look ?? 'strong'}`} type={type} {...rest}>
      {children}
    </button>
  );
}
