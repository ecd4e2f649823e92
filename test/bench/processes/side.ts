import { collectWhenFull } from '../../../src/cli/garbage-collector.js';
import { Meter } from './meter.js';
import type { FromSide, ToSide } from './report.js';

export interface SideContext {
  readonly meter: Meter;
  /** Tells the bench where the other side finds this one. */
  readonly ready: (where: string) => void;
  /** Aborts when the bench wants this side to end. */
  readonly signal: AbortSignal;
}

/** A program for one side of a way, and what it has to be told. */
export interface SideProgram<Options> {
  readonly source: URL;
  /** Never there: it only carries the type from who starts the program to the program. */
  readonly options?: Options;
}

/** What such a program consists of: `work` with the options that it was started with. */
export async function side<Options>(
  _program: SideProgram<Options>,
  work: (options: Options, context: SideContext) => Promise<void>,
): Promise<void> {
  // As the program does it.
  collectWhenFull();
  const ending = new AbortController();
  const meter = new Meter();
  process.on('message', (said: ToSide) => {
    if (said === 'report') say({ kind: 'report', report: meter.report() });
    else ending.abort();
  });
  // The bench is gone: nothing may stay.
  process.once('disconnect', () => process.exit(1));
  // Written by SidePrograms.start(), whose type is the same.
  const options = JSON.parse(process.argv[2] ?? '') as Options;
  const ready = (where: string): void => say({ kind: 'ready', where });
  await work(options, { meter, ready, signal: ending.signal });
  say({ kind: 'report', report: meter.report() });
  process.removeAllListeners('disconnect');
  process.disconnect();
}

function say(message: FromSide): void {
  process.send?.(message);
}
