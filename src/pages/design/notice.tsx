import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.js';

export interface NoticeProps {
  /** Screen readers announce `bad` at once. */
  readonly kind: 'bad' | 'careful';
  readonly title?: string;
  /** Of a title that a script changes */
  readonly titleId?: string;
  readonly children: ComponentChildren;
}

/** Something to read before continuing. */
export function Notice({ kind, title, titleId, children }: NoticeProps): JSX.Element {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'note'}>
      <Icon name={kind} />
      <div class="notice-text">
        {title !== undefined && (
          <p id={titleId} class="notice-title">
            {title}
          </p>
        )}
        {children}
      </div>
    </div>
  );
}
