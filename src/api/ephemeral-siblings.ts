import { Cleanup } from '../base/cleanup.js';
import { sleep, untilAborted } from '../base/deadline.js';
import { deferred } from '../base/deferred.js';
import type { Logger } from '../base/logger.js';
import { createRunDirectory } from '../disk/run-directory.js';
import type { OnionAddress } from '../onion/address.js';
import { createIdentity, type Identity } from '../onion/identity.js';
import type { HttpLimits } from '../onion-http/limits.js';
import { type Answer, OnionHttpServer } from '../onion-http/onion-http-server.js';
import { newGreeting, withGreeting } from '../pages/parallel/greeting.js';
import { SIBLINGS } from '../pages/parallel/limits.js';
import type { Siblings } from '../pages/parallel/siblings.js';
import { formatPassword, generatePassword } from '../pake/password.js';
import { HTTP_PORT } from '../relay-protocol/wire.js';
import type { Tor } from '../tor/instance/tor.js';
import type { Settings } from './settings.js';

/** Pages ask once a minute while they fetch. */
export const SIBLINGS_IDLE_MS: number = 5 * 60_000;
/** One that could not be published, or went with its tor, is published again after this. */
const AGAIN_MS = 20_000;
/** A browser has six connections to one address at most. Others share no circuit with it. */
export const SIBLING_STREAMS_PER_CIRCUIT = 12;

/**
 * tor does not tell which circuit a stream of an ephemeral service came through, so the limits per
 * circuit are tor's own, and these hold for all circuits of all siblings together. Who holds most of
 * the connections is told by what opens them: a ticket, or an upload.
 */
export const SIBLING_LIMITS: Pick<
  HttpLimits,
  'connections' | 'unauthenticated' | 'headMs' | 'stalledMs' | 'keepAliveMs'
> = {
  // Of fifteen visitors, each with two requests at each sibling.
  connections: 240,
  // Whoever has a ticket shows it with its first request.
  unauthenticated: 64,
  headMs: 10_000,
  stalledMs: 60_000,
  keepAliveMs: 30_000,
};

export interface EphemeralSiblingsOptions {
  readonly tor: Pick<Tor, 'publishEphemeral'>;
  /** Takes them down. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Default SIBLINGS_IDLE_MS */
  readonly idleMs?: number;
}

/**
 * Siblings with keys of this run alone. Nothing is published, listens or runs before somebody wants
 * them, and some minutes after the last one did everything is taken down again.
 */
export class EphemeralSiblings implements Siblings, AsyncDisposable {
  readonly greeting: string = newGreeting();
  readonly #options: EphemeralSiblingsOptions;
  readonly #online = new Set<string>();
  readonly #closing = new AbortController();
  #news = deferred<undefined>();
  #identities: readonly Identity[] | undefined;
  #answer: Answer | undefined;
  /** Of the time that they are up; aborts at its end */
  #up: AbortController | undefined;
  #idle: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(options: EphemeralSiblingsOptions) {
    this.#options = options;
  }

  get origins(): readonly string[] {
    this.#identities ??= Array.from({ length: SIBLINGS }, () => createIdentity());
    return this.#identities.map(({ address }) => originOf(address));
  }

  get news(): Promise<undefined> {
    return this.#news.promise;
  }

  answerWith(answer: Answer): void {
    this.#answer = withGreeting(answer, this.greeting);
  }

  wanted(): readonly string[] {
    const { signal, idleMs = SIBLINGS_IDLE_MS } = this.#options;
    if (signal.aborted || this.#closing.signal.aborted) return [];
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#down(), idleMs);
    this.#idle.unref();
    if (this.#up === undefined) this.#bringUp();
    return this.origins.filter((origin) => this.#online.has(origin));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the program ends'));
    this.#down();
    await this.#work;
  }

  #down(): void {
    clearTimeout(this.#idle);
    this.#up?.abort(new Error('nobody wants them any more'));
    this.#up = undefined;
  }

  #bringUp(): void {
    const up = new AbortController();
    this.#up = up;
    const { signal, logger } = this.#options;
    const until = AbortSignal.any([up.signal, signal]);
    // The last ones are gone before these come.
    this.#work = this.#work.then(async () => {
      try {
        await this.#serve(until);
      } catch (error) {
        if (!until.aborted) logger.warn(`the siblings could not be served: ${String(error)}`);
      } finally {
        if (this.#up === up) this.#up = undefined;
      }
    });
  }

  async #serve(until: AbortSignal): Promise<void> {
    const { logger } = this.#options;
    const answer = this.#answer;
    if (answer === undefined || until.aborted) return;
    const cleanup = new Cleanup();
    try {
      const directory = await createRunDirectory();
      cleanup.add(() => directory.remove());
      const server = new OnionHttpServer({
        // There is no password that would open anything here.
        credentials: { user: 'none', password: formatPassword(generatePassword()) },
        ...{
          answer,
          logger,
          directory: directory.path,
          limits: SIBLING_LIMITS,
          circuitLine: false,
        },
      });
      cleanup.add(() => server.close());
      await server.listen();
      const target = { unix: server.httpSocket };
      await Promise.all(
        (this.#identities ?? []).map((identity) => this.#keepOnline(identity, target, until)),
      );
    } finally {
      this.#online.clear();
      await cleanup.runAfterFailure(logger);
    }
  }

  /** Resolves when it is down for good. */
  async #keepOnline(
    identity: Identity,
    target: { readonly unix: string },
    until: AbortSignal,
  ): Promise<void> {
    const { tor, logger } = this.#options;
    const origin = originOf(identity.address);
    const isOver = (): boolean => until.aborted;
    while (!isOver()) {
      try {
        const publication = await tor.publishEphemeral({
          ...{ identity, streamsPerCircuit: SIBLING_STREAMS_PER_CIRCUIT, signal: until },
          // A page's tor needs longer to ask a directory than the last of them to answer.
          isPatient: false,
          ports: [{ virtual: HTTP_PORT, target }],
        });
        this.#online.add(origin);
        this.#news.resolve(undefined);
        this.#news = deferred();
        try {
          await untilAborted(publication.ended, until);
        } finally {
          this.#online.delete(origin);
          await publication.close();
        }
      } catch (error) {
        if (isOver()) return;
        logger.debug(`a sibling could not be published: ${String(error)}`);
      }
      await sleep(AGAIN_MS, until).catch(() => undefined);
    }
  }
}

/**
 * What pages need to fetch over several addresses; undefined if they are to use their own alone.
 *
 * @param siblings undefined at a private address: open ones would be a way around its key, and Tor
 *   Browser asks for the keys of pages, not of what they fetch
 */
export function parallelWith(
  siblings: Siblings | undefined,
  onion: OnionAddress,
  { singleAddress }: Pick<Settings, 'singleAddress'>,
): { readonly siblings: Siblings; readonly origin: string } | undefined {
  if (singleAddress || siblings === undefined) return undefined;
  return { siblings, origin: originOf(onion) };
}

/** As browsers write it. */
function originOf(onion: OnionAddress): string {
  return `http://${onion}`;
}
