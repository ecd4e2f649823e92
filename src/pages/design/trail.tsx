import type { JSX } from 'preact';
import { wording } from '../wording.js';

export interface TrailProps {
  /** From the start page to the parent of this folder */
  readonly steps: readonly { readonly name: string; readonly href: string }[];
  /** The name of this folder */
  readonly here: string;
}

/** Breadcrumbs: the path to this folder. */
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
