import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { Represented } from '../listing/represented.js';

/** After this a page asks for a new one; what it has stays good. */
export const VALID_MS: number = 60 * 60_000;
/** The longest that is read: a request's header has no room for more. */
const TICKET_MAX_CHARACTERS = 7000;

/** What one ticket opens: parts of one version of one file or archive. */
export interface Ticket {
  readonly what: Represented;
  /** Its version: the entity tag of the representation */
  readonly etag: string;
  /** The download that the parts are put together for, whatever tickets it has had */
  readonly download: string;
  /** The circuit of whom it was made for: siblings know no circuits */
  readonly holder: number | undefined;
}

/** Schemas look at what this program itself has signed: a ticket of another version is none. */
const CLAIMS = v.tuple([
  v.array(v.string()),
  v.boolean(),
  v.string(),
  v.string(),
  v.pipe(v.number(), v.safeInteger()),
  v.nullable(v.pipe(v.number(), v.safeInteger())),
]);

/**
 * Signs what visitors who have shown the password may fetch without it, while this process serves
 * them: siblings never ask for a password, and nobody else can make a ticket.
 */
export class Tickets {
  readonly #key = randomBytes(32);
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * @param download an earlier one's, to go on with it; new by default
   * @param holder the circuit of whom it is for
   */
  issue(
    what: Represented,
    etag: string,
    download: string = newDownload(),
    holder?: number,
  ): string {
    const { names, isArchive } = what;
    const until = this.#now() + VALID_MS;
    const claims = [[...names], isArchive, etag, download, until, holder ?? null];
    const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${text}.${this.#signatureOf(text).toString('base64url')}`;
  }

  /** @returns undefined for anything that this process has not signed, or not recently */
  read(ticket: string): Ticket | undefined {
    const read = this.#open(ticket);
    return read === undefined || read.until < this.#now() ? undefined : read;
  }

  /** The same, also if its time is over: what it says of the download still holds. */
  readLate(ticket: string): Ticket | undefined {
    return this.#open(ticket);
  }

  #open(ticket: string): (Ticket & { readonly until: number }) | undefined {
    if (ticket.length > TICKET_MAX_CHARACTERS) return undefined;
    const [text = '', shown = ''] = ticket.split('.', 2);
    const signature = Buffer.from(shown, 'base64url');
    const right = this.#signatureOf(text);
    if (signature.length !== right.length || !timingSafeEqual(signature, right)) return undefined;
    const json: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const claims = v.safeParse(CLAIMS, json);
    if (!claims.success) return undefined;
    const [names, isArchive, etag, download, until, holder] = claims.output;
    return { what: { names, isArchive }, etag, download, until, holder: holder ?? undefined };
  }

  #signatureOf(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

function newDownload(): string {
  return randomBytes(16).toString('base64url');
}
