import type { JSX } from 'preact';
import { wording } from '../wording.js';

export interface TrailProps {
  /** From the first folder to the one before this page. */
  readonly steps: readonly { readonly name: string; readonly href: string }[];
  /** This page's own name */
  readonly here: string;
}

/** Where the reader is, and the way back. */
export function Trail({ steps, here }: TrailProps): JSX.Element {
  return (
    <nav class="trail" aria-label={wording.layout.trail}>
      <ol>
        {steps.map(({ name, href }) => (
          <li key={href}>
            <a href={href}>
              <bdi>{name}</bdi>
            </a>
          </li>
        ))}
        <li>
          <bdi aria-current="page">{here}</bdi>
        </li>
      </ol>
    </nav>
  );
}
