import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { authenticate } from '../../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import type { RunningTor } from '../sides/programs.js';

export type TorSide = 'sender' | 'recipient';

/** What may be read in a trace, besides when. */
export type Traced =
  | { readonly event: 'relays'; readonly relays: readonly TracedRelay[] }
  | { readonly event: 'begin'; readonly name: string }
  | { readonly event: 'end'; readonly name: string; readonly done: TracedRun }
  /** Lines of control-spec's asynchronous events. */
  | { readonly event: 'CIRC' | 'CIRC_BW'; readonly side: TorSide; readonly line: string };

export interface TracedRelay {
  readonly nickname: string;
  readonly fingerprint: string;
  /** By the configuration. */
  readonly rateBytes: number;
}

/** How a way carried the content. */
export interface TracedRun {
  readonly bytes: number;
  readonly seconds: number;
  readonly innerRate: number;
  readonly bound: number;
  readonly spells: readonly {
    readonly seconds: number;
    /** By fingerprint. */
    readonly rates: Readonly<Record<string, number>>;
  }[];
}

/** One line of a trace. */
export type TraceLine = Traced & {
  /** In milliseconds, by a clock that begins anywhere. */
  readonly at: number;
};

/** Writes down what two tors tell of their circuits once a second: a JSON object a line. */
export class CircuitTrace implements Disposable {
  readonly #path: string;
  readonly #controls: ControlConnection[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  async follow(side: TorSide, { control: path }: RunningTor): Promise<void> {
    const control = await ControlConnection.connect({ kind: 'unix', path });
    this.#controls.push(control);
    await authenticate(control, { cookieFile: join(dirname(path), 'cookie') });
    for (const event of ['CIRC', 'CIRC_BW'] as const) {
      await control.listen(event, ([line = '']) => this.note({ event, side, line }));
    }
  }

  note(what: Traced): void {
    appendFileSync(this.#path, `${JSON.stringify({ at: performance.now(), ...what })}\n`);
  }

  [Symbol.dispose](): void {
    for (const control of this.#controls) control.close();
  }
}

export async function readTrace(path: string): Promise<TraceLine[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  // Only our own program writes these.
  return lines.map((line) => JSON.parse(line) as TraceLine);
}
