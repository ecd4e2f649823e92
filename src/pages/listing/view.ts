import type { Request } from 'express';
import { PageRefusal } from '../server/refusal.js';

export const SORTED_BY = ['name', 'size', 'time'] as const;
export type SortedBy = (typeof SORTED_BY)[number];

/** How a visitor looks at a folder. It stands in the address, so no script is needed. */
export interface View {
  /** From 1 */
  readonly page: number;
  /** What the names are to contain; empty for all */
  readonly search: string;
  readonly sortedBy: SortedBy;
  readonly isDescending: boolean;
}

/** Longer than any name that is searched for, in UTF-16 code units */
export const SEARCH_MAX = 255;

/** @throws PageRefusal 'bad-request' */
export function viewOf({ query }: Pick<Request, 'query'>): View {
  const [page, search, sort, order] = ['page', 'q', 'sort', 'order'].map((name) => {
    const value = query[name] ?? '';
    if (typeof value !== 'string') throw new PageRefusal('bad-request');
    return value;
  });
  const sortedBy = SORTED_BY.find((name) => name === (sort || 'name'));
  const isValid =
    /^([1-9]\d{0,6})?$/.test(page ?? '') &&
    (search ?? '').length <= SEARCH_MAX &&
    ['', 'asc', 'desc'].includes(order ?? '');
  if (sortedBy === undefined || !isValid) throw new PageRefusal('bad-request');
  return {
    page: Number(page || '1'),
    search: (search ?? '').trim(),
    sortedBy,
    isDescending: order === 'desc',
  };
}

/** What of a view is not as it comes, as the parameters of an address. */
export function parametersOf(view: View): [name: string, value: string][] {
  const { page, search, sortedBy, isDescending } = view;
  const all: [string, string, isAsItComes: boolean][] = [
    ['q', search, search === ''],
    ['sort', sortedBy, sortedBy === 'name'],
    ['order', 'desc', !isDescending],
    ['page', String(page), page === 1],
  ];
  return all.flatMap(([name, value, isAsItComes]) => (isAsItComes ? [] : [[name, value]]));
}

/** A link from the page of a folder to another view of it. */
export function hrefOfView(view: View): string {
  const query = new URLSearchParams(parametersOf(view)).toString();
  return query === '' ? './' : `?${query}`;
}
