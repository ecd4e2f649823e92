import { setMaxListeners } from 'node:events';
import type { Handle } from '../api/handle.js';
import { withInterrupted } from '../api/interrupted-sends.js';
import {
  findInvitation,
  readInvitation,
  withEphemeral,
  withKeep,
  withSignal,
  withTor,
} from '../api/options.js';
import { withAccept, withOutput } from '../api/receive-options.js';
import type { Option, SharedTor } from '../api/settings.js';
import { openSharedTor } from '../api/shared-tor.js';
import { createFerry, type Ferry } from '../api/verbs/create-ferry.js';
import { asOnionferryError, OnionferryError } from '../base/errors.js';
import { type Logger, silentLogger } from '../base/logger.js';
import type {
  Chosen,
  DesktopState,
  DesktopVerb,
  Failure,
  TaskRequest,
} from '../pages/desktop/state.js';
import type { DesktopWords } from '../pages/words/desktop/desktop-words.js';
import { DroppedFolders } from './dropped-folders.js';
import { HomeFolder } from './home-folder.js';
import { Interrupted, type InterruptedTransfer } from './interrupted.js';
import { failureIn, namesOf, Refusal, type Said, shown } from './said.js';
import { type Asking, Task } from './task.js';

/** Shown on the page: nobody runs more, and each may be large. */
const TASKS_MAX = 100;

export interface DeskOptions {
  /** Of all calls; the tor, the signal and the identity are the desk's own. */
  readonly options: readonly Option[];
  /** Absolute */
  readonly home: string;
  readonly dataDir: string;
  /** An error as the terminal says it, in English */
  readonly explain: (error: OnionferryError) => Failure;
  readonly logger?: Logger;
}

type Begin = (ferry: Ferry, asking: Asking) => Handle<unknown>;

interface Plan {
  readonly verb: DesktopVerb;
  readonly about: Said;
  readonly begin: Begin;
  readonly drop?: number | undefined;
  /** The interrupted transfer that it goes on with */
  readonly resumes?: string;
}

type TorNow =
  | { readonly kind: 'connecting' | 'connected' }
  | { readonly kind: 'failed'; readonly error: OnionferryError };

/** All that was started from the page, over one tor. */
export class Desk implements AsyncDisposable {
  readonly home: HomeFolder;
  readonly dropped: DroppedFolders;
  readonly #interrupted: Interrupted;
  readonly #options: DeskOptions;
  readonly #tasks = new Map<number, Task>();
  readonly #listeners = new Set<() => void>();
  readonly #ending = new AbortController();
  #torNow: TorNow = { kind: 'connecting' };
  #tor: Promise<SharedTor>;
  #last = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.home = new HomeFolder(options.home);
    this.dropped = new DroppedFolders(options.dataDir);
    const { home, dataDir, logger = silentLogger } = options;
    const onChange = (): void => this.#changed();
    this.#interrupted = new Interrupted({ home, dataDir, logger, onChange });
    void this.#interrupted.refresh();
    setMaxListeners(0, this.#ending.signal);
    this.#tor = this.#connect();
  }

  /** As the page shows it in a language. */
  stateIn(words: DesktopWords): DesktopState {
    const tor = this.#torNow;
    const tasks = [...this.#tasks.values()].map((task) => task.stateIn(words));
    return {
      tor:
        tor.kind === 'failed'
          ? { kind: 'failed', failure: failureIn(words, tor.error, this.#options.explain) }
          : tor,
      interrupted: this.#interrupted.stateIn(words),
      tasks: tasks.reverse(),
    };
  }

  /** Calls `listener` at each change. @returns takes it back */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tries again to reach Tor, if that has failed. */
  connect(): void {
    if (this.#torNow.kind !== 'failed' || this.#ending.signal.aborted) return;
    this.#torNow = { kind: 'connecting' };
    this.#tor = this.#connect();
    this.#changed();
  }

  /** @throws OnionferryError for what can be told at once, such as a damaged invitation */
  async start(request: TaskRequest): Promise<void> {
    try {
      this.#begin(await this.#plan(request));
    } catch (error) {
      // The page copies it again.
      if ('drop' in request) await this.#removeDrop(request.drop);
      throw error;
    }
  }

  /** Goes on with an interrupted transfer. @throws OnionferryError if that is not possible */
  async resume(id: string): Promise<void> {
    const found = this.#interrupted.take(id);
    if (found === undefined) {
      throw new Refusal('ERR_USAGE', ({ refusals }) => refusals.notInterrupted);
    }
    const { verb, about } = found;
    try {
      this.#begin({ verb, about, resumes: id, begin: (ferry) => resumed(ferry, found) });
    } catch (error) {
      await this.#interrupted.putBack(id);
      throw error;
    }
  }

  /** Removes an interrupted transfer, and what has arrived. @throws OnionferryError as `resume` */
  async discard(id: string): Promise<void> {
    if (await this.#interrupted.discard(id)) return;
    throw new Refusal('ERR_USAGE', ({ refusals }) => refusals.notInterrupted);
  }

  #begin({ verb, about, begin, drop, resumes }: Plan): void {
    this.#ending.signal.throwIfAborted();
    if (this.#tasks.size >= TASKS_MAX) {
      throw new Refusal('ERR_USAGE', ({ refusals }) => refusals.listFull);
    }
    this.connect();
    const id = ++this.#last;
    const task = new Task({
      ...{ id, verb, about },
      begin: async (asking) => begin(this.#ferry(await this.#tor), asking),
      isForNow: drop !== undefined,
      ...(drop !== undefined && {
        tidy: (warning: string) => this.dropped.withoutPlace(drop, warning),
      }),
      explain: this.#options.explain,
      onChange: () => this.#changed(),
      onEnd: async () => {
        if (drop !== undefined) await this.#removeDrop(drop);
        if (resumes !== undefined) await this.#interrupted.putBack(resumes);
        else await this.#interrupted.refresh();
      },
      // An invitation that was used before goes on as well.
      onResuming: () => void this.#interrupted.refresh(),
    });
    this.#tasks.set(id, task);
    this.#changed();
  }

  /** What cannot be removed now goes with the program. */
  async #removeDrop(drop: number): Promise<void> {
    try {
      await this.dropped.remove(drop);
    } catch (error) {
      const { logger = silentLogger } = this.#options;
      logger.debug(`desktop: a dropped copy was not removed: ${String(error)}`);
    }
  }

  /** @returns undefined if there is no such task */
  task(id: number): Task | undefined {
    return this.#tasks.get(id);
  }

  /** Takes what has ended off the list. */
  forget(id: number): void {
    if (this.#tasks.get(id)?.isOver !== true) return;
    this.#tasks.delete(id);
    this.#changed();
  }

  /** Suspends what runs, and closes tor. */
  async [Symbol.asyncDispose](): Promise<void> {
    const tasks = [...this.#tasks.values()];
    for (const task of tasks) task.suspend();
    this.#ending.abort(new OnionferryError('ERR_INTERRUPTED', 'onionferry ends'));
    await Promise.allSettled(tasks.map(({ ended }) => ended));
    const tor = await this.#tor.catch(() => undefined);
    await tor?.close();
    await this.dropped[Symbol.asyncDispose]();
  }

  #ferry(shared: SharedTor): Ferry {
    return createFerry(
      ...this.#options.options,
      // Several run at a time, and nothing links their addresses to each other.
      withEphemeral(),
      withTor({ shared }),
      // Each is ended by itself: at Ctrl-C as well, what runs is suspended.
      withSignal(new AbortController().signal),
    );
  }

  async #plan(request: TaskRequest): Promise<Plan> {
    switch (request.verb) {
      case 'send': {
        if ('text' in request) {
          const { text } = request;
          const about: Said = (words) => words.aText;
          return { verb: 'send', about, begin: (ferry) => ferry.send({ text }) };
        }
        const { keep, drop } = request;
        const paths = await this.#pathsOf(request);
        const more = keep ? [withKeep()] : [];
        const begin: Begin = (ferry) => ferry.send(paths, ...more);
        return { verb: 'send', about: namesOf(paths), begin, drop };
      }
      case 'share': {
        const paths = await this.#pathsOf(request);
        const begin: Begin = (ferry) => ferry.share(paths);
        return { verb: 'share', about: namesOf(paths), begin, drop: request.drop };
      }
      case 'receive': {
        const from = await invitationIn(request.invitation, request.isSure);
        const folder = this.home.place(request.folder);
        const begin: Begin = (ferry, asking) =>
          ferry.receive(
            from,
            withOutput(folder),
            withAccept(async (_, signal) => await asking.ask(signal)),
          );
        return { verb: 'receive', about: shown(request.folder), begin };
      }
      case 'inbox': {
        const folder = this.home.place(request.folder);
        return { verb: 'inbox', about: shown(request.folder), begin: (f) => f.inbox(folder) };
      }
      case 'site': {
        const folder = this.home.find(request.folder);
        return { verb: 'site', about: shown(request.folder), begin: (f) => f.site(folder) };
      }
    }
  }

  async #pathsOf({ paths, drop }: Chosen): Promise<readonly string[]> {
    const found = paths.map((path) => this.home.find(path));
    const dropped = drop === undefined ? [] : await this.dropped.paths(drop);
    const all = [...found, ...dropped];
    if (all.length === 0) {
      throw new Refusal('ERR_USAGE', ({ refusals }) => refusals.nothingChosen);
    }
    return all;
  }

  #connect(): Promise<SharedTor> {
    const { signal } = this.#ending;
    const tor = openSharedTor(...this.#options.options, withSignal(signal));
    // A failure is told on the page, and to the tasks that wait for it.
    tor.then(
      () => this.#setTor({ kind: 'connected' }),
      (error: unknown) => {
        const failure = asOnionferryError(error, 'ERR_INTERNAL', 'tor could not be started');
        this.#setTor({ kind: 'failed', error: failure });
      },
    );
    return tor;
  }

  #setTor(now: TorNow): void {
    this.#torNow = now;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function resumed(ferry: Ferry, found: InterruptedTransfer): Handle<unknown> {
  const these = withInterrupted(found.ids);
  if (found.verb === 'send') return ferry.resumeSend(these);
  return ferry.resumeReceive(found.onion, withOutput(found.folder), these);
}

/** Words of an invitation that are not in the list, and may be meant so. */
export class UnsureWords extends Refusal {}

async function invitationIn(text: string, isSure: boolean): Promise<string> {
  // A third of what the command loads, and needed here alone.
  const { isListed, unlistedWords } = await import('../api/words.js');
  const found = findInvitation(text, isListed);
  if (found.kind === 'address') {
    throw new Refusal('ERR_INVITATION', ({ refusals }) => refusals.addressAlone);
  }
  const from = found.kind === 'invitation' ? found.text : text;
  const { access, words } = readInvitation(from).password;
  const [unlisted] = isSure ? [] : unlistedWords(`${access}-${words}`);
  if (unlisted === undefined) return from;
  const { word, nearest } = unlisted;
  throw new UnsureWords('ERR_INVITATION', ({ refusals }) => refusals.unlisted(word, nearest));
}
