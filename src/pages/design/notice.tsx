import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.js';

export interface NoticeProps {
  /** Screen readers announce `bad` at once. */
  readonly kind: 'plain' | 'good' | 'bad' | 'careful';
  readonly title?: string;
  readonly id?: string;
  readonly hidden?: boolean;
  readonly children: ComponentChildren;
}

/** Something to read before continuing. */
export function Notice({ kind, title, id, hidden, children }: NoticeProps): JSX.Element {
  return (
    <div id={id} class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'note'} hidden={hidden}>
      <Icon name={kind} />
      <div class="notice-text">
        {title !== undefined && <p class="notice-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}
