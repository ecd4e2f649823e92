import type { Response } from 'express';
import { within } from '../base/deadline.js';
import type { DesktopWords } from '../pages/words/desktop/desktop-words.js';
import type { Desk } from './desk.js';

/** Between two states: often enough to show movement. */
const EVERY_MS = 200;
/** After which a page whose stream has broken asks again */
const AGAIN_MS = 1000;
/** A page that takes nothing is not waited for any longer. */
const FAREWELL_MS = 1000;

/** Tells one page every change, as server-sent events (HTML Living Standard, 9.2). */
export class StateStream {
  readonly #response: Response;
  readonly #desk: Desk;
  readonly #words: DesktopWords;
  readonly #forget: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(response: Response, desk: Desk, words: DesktopWords) {
    this.#response = response;
    this.#desk = desk;
    this.#words = words;
    response.status(200).set('Content-Type', 'text/event-stream');
    response.write(`retry: ${AGAIN_MS}\n\n`);
    this.#tell();
    this.#forget = desk.onChange(() => {
      // Changes in between are part of the next state.
      this.#timer ??= setTimeout(() => this.#tell(), EVERY_MS);
    });
    response.once('close', () => this.#stop());
  }

  /** The program ends, and with it everything. Resolves when the page has been told, or is gone. */
  async end(): Promise<void> {
    this.#stop();
    const gone = new Promise<void>((resolve) => this.#response.once('close', () => resolve()));
    this.#response.end('event: ended\ndata: {}\n\n');
    await within(gone, FAREWELL_MS);
  }

  #tell(): void {
    // A page that takes nothing is told when it does again, once: until then the timer stays.
    if (this.#response.writableNeedDrain) {
      this.#response.once('drain', () => this.#tell());
      return;
    }
    this.#timer = undefined;
    const state = this.#desk.stateIn(this.#words);
    this.#response.write(`event: state\ndata: ${JSON.stringify(state)}\n\n`);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#forget();
  }
}
