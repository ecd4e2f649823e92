import type { FerryEvent } from '../api/events.js';
import type { Handle } from '../api/handle.js';
import { asOnionferryError, type OnionferryError } from '../base/errors.js';
import type { DesktopVerb, Failure, TaskStage, TaskState } from '../pages/desktop/state.js';
import type { DesktopWords } from '../pages/words/desktop/desktop-words.js';
import { failureIn, type Said, warningIn } from './said.js';
import { type ToldTask, told } from './told.js';

interface TaskNow extends ToldTask {
  readonly failure?: OnionferryError;
}

/** How a task may ask the one who sits at the page. */
export interface Asking {
  /** Resolves with the answer to what the task offers; aborts with `signal`. */
  ask(signal: AbortSignal): Promise<boolean>;
}

export interface TaskOptions {
  readonly id: number;
  readonly verb: DesktopVerb;
  readonly about: Said;
  /** Begins the call of the library, once there is a tor. */
  readonly begin: (asking: Asking) => Promise<Handle<unknown>>;
  /** Whether nothing could resume it, because its files go with this program */
  readonly isForNow: boolean;
  /** An error as the terminal says it, in English */
  readonly explain: (error: OnionferryError) => Failure;
  readonly onChange: () => void;
  /** Takes out of a warning what says nothing to whoever looks at the page. */
  readonly tidy?: (warning: string) => string;
  /** It goes on with a transfer that was interrupted. */
  readonly onResuming?: () => void;
  /** Nothing of it runs any more. */
  readonly onEnd: () => Promise<void>;
}

/** One call of the library, as the page shows it. */
export class Task implements Asking {
  readonly ended: Promise<void>;
  readonly #options: TaskOptions;
  #now: TaskNow;
  #handle: Handle<unknown> | undefined;
  /** How it is to end, asked for before there was a handle */
  #ending: 'close' | 'suspend' | undefined;
  #isDeclined = false;
  #answer: ((accepts: boolean) => void) | undefined;

  constructor(options: TaskOptions) {
    this.#options = options;
    const { id, verb } = options;
    this.#now = {
      ...{ id, verb },
      stage: 'running',
      status: ({ status }) => status.waitingForTor,
      ...{ progress: [], files: [], warnings: [] },
    };
    this.ended = this.#run();
  }

  get stage(): TaskStage {
    return this.#now.stage;
  }

  /** As the page shows it in a language. */
  stateIn(words: DesktopWords): TaskState {
    const { about, explain } = this.#options;
    const { status, warnings, failure, ...rest } = this.#now;
    return {
      ...rest,
      about: about(words),
      status: status(words),
      warnings: warnings.map((message) => warningIn(words, message)),
      ...(failure !== undefined && { failure: failureIn(words, failure, explain) }),
    };
  }

  get isOver(): boolean {
    const { stage } = this;
    return stage === 'done' || stage === 'failed' || stage === 'stopped';
  }

  /** Gives it up: what has arrived is removed. */
  stop(): void {
    this.#end('close');
  }

  /** Ends it so that it can be resumed, unless what it sends goes as well. */
  suspend(): void {
    this.#end(this.#options.isForNow ? 'close' : 'suspend');
  }

  /** Answers its offer. @returns whether it had one */
  answer(accepts: boolean): boolean {
    if (this.#answer === undefined) return false;
    this.#isDeclined = !accepts;
    this.#answer(accepts);
    return true;
  }

  async ask(signal: AbortSignal): Promise<boolean> {
    const decided = new Promise<boolean>((resolve) => {
      this.#answer = resolve;
      signal.addEventListener('abort', () => resolve(false), { once: true });
      if (signal.aborted) resolve(false);
    });
    this.#change({ stage: 'asking', status: ({ status }) => status.asked });
    const accepts = await decided;
    this.#answer = undefined;
    if (this.stage === 'asking') {
      this.#change({ stage: 'running', status: ({ status }) => status.running });
    }
    return accepts;
  }

  #end(how: 'close' | 'suspend'): void {
    if (this.isOver || this.#ending !== undefined) return;
    this.#ending = how;
    this.#change({ stage: 'ending', status: ({ status }) => status.stopping });
    this.#answer?.(false);
    // How it ends is told by `done`.
    void this.#handle?.[how]();
  }

  async #run(): Promise<void> {
    const { begin, onEnd } = this.#options;
    try {
      const handle = await begin(this);
      this.#handle = handle;
      handle.onEvent((event) => {
        this.#now = told(this.#now, this.#tidied(event));
        if (event.event === 'resuming') this.#options.onResuming?.();
        this.#options.onChange();
      });
      if (this.#ending !== undefined) void handle[this.#ending]();
      else this.#change({ status: ({ status }) => status.starting });
      await handle.done;
      this.#over('done', this.#isService() ? { status: ({ status }) => status.ended } : {});
    } catch (error) {
      this.#fail(
        asOnionferryError(error, 'ERR_INTERNAL', 'something went wrong inside onionferry'),
      );
    }
    await onEnd();
  }

  #tidied(event: FerryEvent): FerryEvent {
    const { tidy } = this.#options;
    if (event.event !== 'warning' || tidy === undefined) return event;
    return { ...event, message: tidy(event.message) };
  }

  #fail(error: OnionferryError): void {
    if (error.code === 'ERR_SUSPENDED') {
      this.#over('stopped', { status: ({ status }) => status.suspended });
    } else if (error.code === 'ERR_REFUSED' && this.#isDeclined) {
      this.#over('stopped', { status: ({ status }) => status.declined });
    } else if (this.#ending !== undefined || error.code === 'ERR_INTERRUPTED') {
      this.#over('stopped', { status: ({ status }) => status.stopped });
    } else this.#over('failed', { status: () => '', failure: error });
  }

  #isService(): boolean {
    const { verb } = this.#now;
    return verb !== 'send' && verb !== 'receive';
  }

  #over(stage: TaskStage, others: Partial<TaskNow>): void {
    this.#change({ ...others, stage, progress: [] });
  }

  #change(changes: Partial<TaskNow>): void {
    this.#now = { ...this.#now, ...changes };
    this.#options.onChange();
  }
}
