import type { ComponentChildren, JSX } from 'preact';
import { Button } from './button.js';
import { useWords } from './use-words.js';

export interface PagerProps {
  /** For screen readers */
  readonly label: string;
  /** From 1 */
  readonly page: number;
  readonly pages: number;
  readonly hrefOf: (page: number) => string;
  /** Hidden fields of the form that jumps to a page */
  readonly children: ComponentChildren;
}

/** Numbers beside the present one */
const BESIDE = 2;
/** More than this, and the numbers do not name all */
const ALL_NAMED = 2 * BESIDE + 5;

/** Leads to the next, the previous, the first, the last and any page. */
export function Pager({ label, page, pages, hrefOf, children }: PagerProps): JSX.Element {
  const wording = useWords();
  const { earlier, later, jump, jumpButton, pageOf } = wording.pager;
  return (
    <nav class="pager" aria-label={label}>
      <ol>
        {page > 1 && (
          <li>
            <a href={hrefOf(page - 1)} rel="prev">
              {earlier}
            </a>
          </li>
        )}
        {numbersOf(page, pages).map((number, index) => (
          <li key={number ?? `gap ${index}`}>
            {number === undefined ? (
              <span aria-hidden="true">…</span>
            ) : (
              <a
                href={hrefOf(number)}
                aria-label={pageOf(number, pages)}
                aria-current={number === page ? 'page' : undefined}
              >
                {number}
              </a>
            )}
          </li>
        ))}
        {page < pages && (
          <li>
            <a href={hrefOf(page + 1)} rel="next">
              {later}
            </a>
          </li>
        )}
      </ol>
      {pages > ALL_NAMED && (
        <form method="get">
          {children}
          <label for="page">{jump}</label>
          <input id="page" name="page" type="number" min={1} max={pages} required />
          <Button look="quiet">{jumpButton}</Button>
        </form>
      )}
    </nav>
  );
}

/** The first, the last and those around the present one; undefined for a gap. */
function numbersOf(page: number, pages: number): (number | undefined)[] {
  const all = Array.from({ length: pages }, (_, index) => index + 1);
  if (pages <= ALL_NAMED) return all;
  const named = all.filter(
    (number) => number === 1 || number === pages || Math.abs(number - page) <= BESIDE,
  );
  return named.flatMap((number, index) =>
    index > 0 && number - (named[index - 1] ?? 0) > 1 ? [undefined, number] : [number],
  );
}
