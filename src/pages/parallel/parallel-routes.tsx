import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Request, type Response, type Router } from 'express';
import type { Access } from '../../onion-http/access.js';
import { circuitOf } from '../../onion-http/circuits.js';
import { type ByteRange, requestedRange } from '../../onion-http/content/conditions.js';
import type { Representation } from '../../onion-http/content/representation.js';
import type { Answer } from '../../onion-http/onion-http-server.js';
import { asset } from '../design/assets.js';
import { sendPage } from '../design/render-page.js';
import { type Opened, pathOf, type Represented, representedAt } from '../listing/represented.js';
import { asPageRefusal, PageRefusal } from '../server/refusal.js';
import { policyToFetchFrom } from '../server/security-headers.js';
import { PARALLEL_MAX_BYTES, RANGE_MAX_BYTES } from './limits.js';
import { OpenArchives } from './open-archives.js';
import { ParallelPage } from './parallel-page.js';
import { PARALLEL_PATHS, type ParallelDigests, type ParallelPlan } from './plan.js';
import { type Siblings, tellSiblings } from './siblings.js';
import { type Ticket, Tickets } from './tickets.js';
import { UnitDigests } from './unit-digests.js';

/** A part for one download that a page puts together. */
export interface Part {
  readonly representation: Representation;
  readonly range: ByteRange;
  readonly ticket: Ticket;
}

export interface ParallelOptions {
  readonly siblings: Siblings;
  /** Of the pages: only their scripts may read what siblings answer. */
  readonly origin: string;
  readonly open: (what: Represented) => Promise<Opened | undefined>;
  /** A link to the plain download */
  readonly plainHref: (path: string) => string;
  /** @throws PageRefusal if no more may be fetched; `download` is undefined for a new one */
  readonly assertMayAsk: (download: string | undefined) => void;
  /** To be disposed of when a part has ended. @throws PageRefusal if too many run on its circuit */
  readonly takePlace: (request: IncomingMessage) => Disposable;
  /** Writes a part, and counts it. Never throws. */
  readonly deliver: (response: ServerResponse, part: Part) => Promise<void>;
  /** The visitor says that this download is complete. */
  readonly received: (ticket: Ticket) => void;
  /** Ends reading for checksums. */
  readonly signal: AbortSignal;
}

export interface Parallel {
  /** For the pages' own address, behind its access check */
  readonly routes: Router;
  /** For siblings */
  readonly answer: Answer;
}

/**
 * Downloads that a page's script puts together from parts, which it fetches from the page's own
 * address and its siblings at the same time.
 *
 * Siblings know no password. What opens a part there is a ticket, which only somebody with the
 * password can have got, at the pages' own address; everything else is 404.
 */
export function createParallel(options: ParallelOptions): Parallel {
  const parallel = new ParallelDownloads(options);
  const routes = express.Router({ caseSensitive: true, strict: true });
  // Paths as they were sent, like those of plain downloads.
  const below = (prefix: string): RegExp => new RegExp(`^${prefix}`);
  routes.get(below(`${PARALLEL_PATHS.page}/`), (request, response) =>
    parallel.showPage(request, response),
  );
  routes.get(below(`${PARALLEL_PATHS.plan}/`), (request, response) =>
    parallel.sendPlan(request, response),
  );
  routes.get(below(PARALLEL_PATHS.range), (request, response) =>
    parallel.sendPart(request, response, parallel.ticketOf(request, PARALLEL_PATHS.range)),
  );
  routes.get(below(PARALLEL_PATHS.digests), (request, response) =>
    parallel.sendDigests(response, parallel.ticketOf(request, PARALLEL_PATHS.digests)),
  );
  routes.post(below(PARALLEL_PATHS.received), (request, response) => {
    options.received(parallel.ticketOf(request, PARALLEL_PATHS.received));
    response.status(204).end();
  });
  routes.get(PARALLEL_PATHS.ready, (request, response) =>
    tellSiblings(options.siblings, request, response),
  );
  routes.get(PARALLEL_PATHS.script, (_request, response) => {
    const { type, bytes } = asset('listing.js');
    // Not cached: where no script runs, nobody asks for it.
    options.siblings.wanted();
    response.type(type).send(bytes);
  });
  return { routes, answer: (access) => parallel.siblingListener(access) };
}

/** On every reply of a sibling */
const SIBLING_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Referrer-Policy': 'no-referrer',
  Vary: 'Origin',
  'X-Content-Type-Options': 'nosniff',
};

class ParallelDownloads {
  readonly #options: ParallelOptions;
  readonly #tickets = new Tickets();
  readonly #digests: UnitDigests;
  readonly #archives: OpenArchives;

  constructor(options: ParallelOptions) {
    this.#options = options;
    this.#digests = new UnitDigests(options.signal);
    this.#archives = new OpenArchives(options.open);
  }

  /** @throws PageRefusal 'not-found' for none, or one whose time is over */
  ticketOf({ path }: Request, prefix: string): Ticket {
    const ticket = this.#tickets.read(path.slice(prefix.length));
    if (ticket === undefined) throw new PageRefusal('not-found');
    return ticket;
  }

  async showPage(request: Request, response: Response): Promise<void> {
    const { siblings, plainHref, assertMayAsk } = this.#options;
    const { baseUrl } = request;
    const { what, opened } = await this.#openAt(request, PARALLEL_PATHS.page);
    using _ = opened;
    const { size, name } = opened.representation;
    const path = pathOf(what);
    assertMayAsk(undefined);
    response.set('Content-Security-Policy', policyToFetchFrom(siblings.origins));
    sendPage(
      response,
      <ParallelPage
        {...{ name, bytes: size, base: baseUrl }}
        // Saves the script a round trip. What is too large is not fetched, and wants no siblings.
        {...(size <= PARALLEL_MAX_BYTES && { plan: this.#planOf(request, what, opened) })}
        planPath={`${baseUrl}${PARALLEL_PATHS.plan}${path}`}
        plainHref={plainHref(`${baseUrl}${path}`)}
      />,
    );
  }

  async sendPlan(request: Request, response: Response): Promise<void> {
    const { what, opened } = await this.#openAt(request, PARALLEL_PATHS.plan);
    using _ = opened;
    const { ticket: shown } = request.query;
    const before = typeof shown === 'string' ? this.#tickets.readLate(shown) : undefined;
    const isSame =
      before?.etag === opened.representation.etag && pathOf(before.what) === pathOf(what);
    const download = isSame ? before.download : undefined;
    this.#options.assertMayAsk(download);
    response.json(this.#planOf(request, what, opened, download));
  }

  #planOf(
    request: Request,
    what: Represented,
    { representation }: Opened,
    download?: string,
  ): ParallelPlan {
    const { siblings } = this.#options;
    const { etag, size } = representation;
    return {
      version: etag,
      bytes: size,
      ticket: this.#tickets.issue(what, etag, download, circuitOf(request)),
      origins: siblings.wanted(),
    };
  }

  async sendDigests(response: Response, ticket: Ticket): Promise<void> {
    using opened = await this.#openVersion(ticket);
    if (opened === undefined) {
      response.status(412).end();
      return;
    }
    const { sha256, units } = await this.#digests.of(opened.representation);
    const digests: ParallelDigests = { sha256, units: units.toString('base64') };
    response.json(digests);
  }

  /** One range, and nothing but that: what a ticket opens is no download by itself. */
  async sendPart(
    request: IncomingMessage,
    response: ServerResponse,
    ticket: Ticket,
  ): Promise<void> {
    using opened = await this.#openVersion(ticket);
    if (opened === undefined) {
      response.writeHead(412).end();
      return;
    }
    const { representation } = opened;
    const { size } = representation;
    const range = requestedRange(request.headers.range ?? '', size);
    if (typeof range !== 'object' || range.end - range.start > RANGE_MAX_BYTES) {
      response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
      return;
    }
    this.#options.assertMayAsk(ticket.download);
    using _place = this.#options.takePlace(request);
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${size}`);
    response.setHeader('Content-Length', range.end - range.start);
    response.setHeader('Content-Type', 'application/octet-stream');
    await this.#options.deliver(response, { representation, range, ticket });
    // What could not be completed may have changed.
    if (!response.writableFinished) this.#archives.forget(ticket.etag);
  }

  siblingListener(access: Access): (request: IncomingMessage, response: ServerResponse) => void {
    return (request, response) => {
      for (const [name, value] of Object.entries(SIBLING_HEADERS)) response.setHeader(name, value);
      const ticket = this.#tickets.read((request.url ?? '').slice(1));
      if (ticket === undefined || request.method !== 'GET') {
        // As it would to any address that leads to nothing; the connection is closed.
        response.writeHead(404, { 'Content-Length': 0 }).end();
        return;
      }
      access.passed(request, ticket.holder);
      response.shouldKeepAlive = request.httpVersion === '1.1';
      // Not by the request's Origin, for which Tor Browser writes "null".
      response.setHeader('Access-Control-Allow-Origin', this.#options.origin);
      this.sendPart(request, response, ticket).catch((error: unknown) => {
        if (response.headersSent) request.socket.destroy();
        else response.writeHead(asPageRefusal(error).status).end();
      });
    };
  }

  async #openAt(request: Request, prefix: string): Promise<{ what: Represented; opened: Opened }> {
    const what = representedAt(request.path.slice(prefix.length));
    const opened = what && (await this.#options.open(what));
    if (what === undefined || opened === undefined) throw new PageRefusal('not-found');
    return { what, opened };
  }

  /** @returns undefined if it is gone, or another version than the ticket is for */
  async #openVersion({ what, etag }: Ticket): Promise<Opened | undefined> {
    const opened = await this.#archives.open(what, etag);
    if (opened?.representation.etag === etag) return opened;
    opened?.[Symbol.dispose]();
    return undefined;
  }
}
