import type { JSX } from 'preact';
import { wording } from '../wording.js';

/** The mark and the name, which lead to the first page. */
export function Brand(): JSX.Element {
  return (
    <a class="brand" href="/">
      <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect class="mark-ground" width="32" height="32" rx="7" />
        <path class="mark-hull" d="M6 17h20l-3.2 6.2a2 2 0 0 1-1.8 1.1H11a2 2 0 0 1-1.8-1.1z" />
        <path class="mark-onion" d="M16 6.5c.6 2.2 5.2 3.7 5.2 8H10.8c0-4.3 4.6-5.8 5.2-8z" />
      </svg>
      <span>{wording.brand.name}</span>
    </a>
  );
}
