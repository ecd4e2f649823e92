import type { Response } from 'express';
import type { Desk } from './desk.js';

/** Between two states: often enough to show movement. */
const EVERY_MS = 200;

/** Tells one page every change, as server-sent events (HTML Living Standard, 9.2). */
export class StateStream {
  readonly #response: Response;
  readonly #desk: Desk;
  readonly #forget: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(response: Response, desk: Desk) {
    this.#response = response;
    this.#desk = desk;
    response.status(200).set('Content-Type', 'text/event-stream');
    this.#tell();
    this.#forget = desk.onChange(() => {
      // Changes in between are part of the next state.
      this.#timer ??= setTimeout(() => this.#tell(), EVERY_MS);
    });
    response.once('close', () => this.#stop());
  }

  /** The program ends, and with it everything. */
  end(): void {
    this.#stop();
    this.#response.end('event: ended\ndata: {}\n\n');
  }

  #tell(): void {
    this.#timer = undefined;
    // A page that takes nothing is told when it does again.
    if (this.#response.writableNeedDrain) {
      this.#response.once('drain', () => this.#tell());
      return;
    }
    this.#response.write(`event: state\ndata: ${JSON.stringify(this.#desk.state)}\n\n`);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#forget();
  }
}
