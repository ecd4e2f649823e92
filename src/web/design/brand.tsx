import type { JSX } from 'preact';
import { wording } from '../wording.js';

/** The mark and the name, which lead to the first page. */
export function Brand(): JSX.Element {
  return (
    <a class="brand" href="/">
      <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect class="mark-ground" width="32" height="32" rx="7" />
        <path class="mark-hull" d="M6 17h20l-3.2 6.2a2 2 0 0 1-1.8 1.1H11a2 2 0 0 1-1.8-1.1z" />
        <path
          class="mark-onion"
          d="M16 6.500c.6 2.200 5.200 3.700 5.200 8H10.800c0-4.300 4.600-5.800 5.200-8z"
        />
      </svg>
      <span>{wording.brand.name}</span>
    </a>
  );
}
