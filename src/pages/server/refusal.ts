import { httpStatusOf } from '../../onion-http/handlers.js';

/** Why a page says no. Each has its status here and its sentence in the wording. */
export type PageRefusalKind =
  | 'bad-request'
  | 'not-found'
  | 'method-not-allowed'
  | 'expired'
  | 'limit-reached'
  | 'too-large'
  | 'archive-too-large'
  | 'internal'
  | 'downloads-at-once'
  | 'busy';

const STATUSES: Readonly<Record<PageRefusalKind, number>> = {
  'bad-request': 400,
  'not-found': 404,
  'method-not-allowed': 405,
  expired: 410,
  'limit-reached': 410,
  'too-large': 413,
  // There is none, and will be none.
  'archive-too-large': 404,
  internal: 500,
  'downloads-at-once': 503,
  busy: 503,
};

/** Thrown in a route, it becomes an error page with its status and sentence. */
export class PageRefusal extends Error {
  override readonly name: string = 'PageRefusal';
  readonly kind: PageRefusalKind;

  constructor(kind: PageRefusalKind, options?: { cause?: unknown }) {
    super(kind, options);
    this.kind = kind;
  }

  get status(): number {
    return STATUSES[this.kind];
  }
}

/** What an error thrown in a route means; those of Express and its parsers carry an HTTP status. */
export function asPageRefusal(error: unknown): PageRefusal {
  if (error instanceof PageRefusal) return error;
  return new PageRefusal(kindOf(error), { cause: error });
}

function kindOf(error: unknown): PageRefusalKind {
  const status = httpStatusOf(error) ?? 500;
  if (status === 413) return 'too-large';
  if (status === 429 || status === 503) return 'busy';
  return status >= 400 && status < 500 ? 'bad-request' : 'internal';
}
