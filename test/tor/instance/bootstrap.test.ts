import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import { BootstrapProgress, untilBootstrapped } from '../../../src/tor/instance/bootstrap.js';
import { type ControlServer, startControlServer } from '../control/control-server.js';

const AT_5 = 'NOTICE BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY="Connecting to a relay"';

interface Standing extends AsyncDisposable {
  readonly server: ControlServer;
  /** Has it tell its events. */
  tell(): void;
}

/** A tor that stands at `phase`, and can tell `events`. */
async function standingAt(phase: string, ...events: string[]): Promise<Standing> {
  let control: Socket | undefined;
  const server = await startControlServer((command, socket) => {
    control = socket;
    if (command.startsWith('setevents')) return '250 OK\n';
    return `250-status/bootstrap-phase=${phase}\n250 OK\n`;
  });
  return {
    server,
    tell(): void {
      for (const event of events.splice(0)) control?.write(`650 ${event}\r\n`);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

interface Outcome {
  readonly told: string[];
  readonly error?: unknown;
}

/** Events come once the first progress was told: before, they could overtake it. */
async function follow(tor: Standing, signal?: AbortSignal): Promise<Outcome> {
  const connection = await ControlConnection.connect(tor.server.endpoint);
  const told: string[] = [];
  const onBootstrap = (percent: number, summary: string): void => {
    told.push(`${percent} ${summary}`);
    tor.tell();
  };
  try {
    await untilBootstrapped(connection, {
      onBootstrap,
      onDialable: () => told.push('can be dialled'),
      stallMs: 2_000,
      logger: silentLogger,
      lastWarning: () => 'said in the log',
      signal,
    });
    return { told };
  } catch (error) {
    return { told, error };
  } finally {
    connection.close();
  }
}

describe('waiting for tor to be connected', () => {
  test('reports progress that never goes back and ends at 100', async () => {
    await using tor = await standingAt(
      AT_5,
      'STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=50 TAG=x SUMMARY="Loading \\"x\\""',
      'STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=45 TAG=x SUMMARY="Back"',
      'STATUS_CLIENT NOTICE CIRCUIT_ESTABLISHED',
      'STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"',
    );
    expect(await follow(tor)).toEqual({
      told: ['5 Connecting to a relay', '50 Loading "x"', '100 Done'],
    });
  });

  test('tells once that tor can be dialled, before it is connected', async () => {
    const at = (percent: number): string =>
      `STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=${percent} TAG=x SUMMARY="x"`;
    await using tor = await standingAt(AT_5, at(50), at(75), at(80), at(100));
    expect((await follow(tor)).told.slice(1)).toEqual([
      '50 x',
      '75 x',
      'can be dialled',
      '80 x',
      '100 x',
    ]);
  });

  test('ends at once if tor is connected already', async () => {
    await using tor = await standingAt('NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"');
    expect(await follow(tor)).toEqual({ told: ['100 Done'] });
  });

  test("gives up without progress, with tor's own warning and what helps", async () => {
    await using tor = await standingAt(
      AT_5,
      'STATUS_CLIENT WARN BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY="Connecting to a relay" WARNING="No route to host" REASON=NOROUTE COUNT=10 RECOMMENDATION=warn',
    );
    expect((await follow(tor)).error).toMatchObject({
      code: 'ERR_TOR_BOOTSTRAP',
      message: expect.stringMatching(
        /5 % \(Connecting to a relay\): No route to host; .*bridges/,
      ) as string,
    });
  });

  test("falls back on the last warning of tor's log", async () => {
    await using tor = await standingAt(AT_5);
    expect((await follow(tor)).error).toMatchObject({
      message: expect.stringContaining('said in the log') as string,
    });
  });

  test('names a wrong clock', async () => {
    await using tor = await standingAt(
      AT_5,
      'STATUS_GENERAL WARN CLOCK_SKEW SKEW=-7200 SOURCE=OR:1.2.3.4:5',
    );
    expect((await follow(tor)).error).toMatchObject({
      message: expect.stringMatching(/machine's clock is wrong by about 120 minutes/) as string,
    });
  });

  test('can be aborted', async () => {
    await using tor = await standingAt(AT_5);
    const reason = new Error('enough');
    expect((await follow(tor, AbortSignal.abort(reason))).error).toBe(reason);
  });
});

describe('the progress', () => {
  const problem = (recommendation: string): string =>
    `WARN BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY="x" WARNING="y" RECOMMENDATION=${recommendation}`;

  test('becomes a problem only when tor recommends a warning, and once', () => {
    const progress = new BootstrapProgress();
    expect(progress.take(AT_5)).toBe('further');
    expect(progress.take(problem('ignore'))).toBe('nothing');
    expect(progress.take(problem('warn'))).toBe('problem');
    expect(progress.take(problem('warn'))).toBe('nothing');
    expect(progress.warning).toBe('y');
    expect(progress.take('NOTICE BOOTSTRAP PROGRESS=10 TAG=x SUMMARY="z"')).toBe('further');
    expect(progress.warning).toBe(undefined);
    expect(progress.take(problem('warn'))).toBe('problem');
  });
});
