import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import { assertWell, type ServiceState, supervise } from '../../../src/cli/services/supervise.js';

interface Watched {
  readonly states: ServiceState[];
  readonly failures: string[];
  readonly end: AbortController;
  readonly outcome: Promise<boolean>;
}

type Run = () => Promise<void>;

/** Supervises what does these one after the other. */
const watch = (...runs: readonly Run[]): Watched => watchWaiting(5, () => undefined, ...runs);

/** As above. @param onFailure called at each failure */
function watchWaiting(
  firstWaitMs: number,
  onFailure: (end: AbortController) => void,
  ...runs: readonly Run[]
): Watched {
  const states: ServiceState[] = [];
  const failures: string[] = [];
  const end = new AbortController();
  const left = [...runs];
  const outcome = supervise({
    run: async (onOnline) => {
      onOnline();
      await left.shift()?.();
    },
    onState: (state) => void states.push(state),
    onFailure: (error, what) => {
      failures.push(`${error.code}: ${what}`);
      onFailure(end);
    },
    ending: end.signal,
    firstWaitMs,
  });
  return { states, failures, end, outcome };
}

const fails = (code: ConstructorParameters<typeof OnionferryError>[0]) => (): Promise<void> =>
  Promise.reject(new OnionferryError(code, 'it failed'));
const ends = (): Promise<void> => Promise.resolve();

describe('a supervised service', () => {
  it('that fails is started again until it ends by itself', async () => {
    const { states, failures, outcome } = watch(
      ...[fails('ERR_DESTINATION'), fails('ERR_INTERNAL'), ends],
    );
    expect(await outcome).toBe(true);
    const failing = ['starting', 'online', 'failing'];
    expect(states).toEqual([...failing, ...failing, 'starting', 'online', 'ended']);
    expect(failures).toHaveLength(2);
  });

  it('that would fail the same way each time is not started again', async () => {
    const { states, outcome } = watch(fails('ERR_USAGE'), ends);
    expect(await outcome).toBe(false);
    expect(states.at(-1)).toBe('failed');
  });

  it.each([
    'ERR_TOR_DIED',
    'ERR_TOR_START',
    'ERR_TOR_BOOTSTRAP',
    'ERR_TOR_MISSING',
  ] as const)('cannot go on without tor: %s', async (code) => {
    await expect(watch(fails(code), ends).outcome).rejects.toMatchObject({ code });
  });

  it.each([
    'ERR_TOR_PUBLISH',
    'ERR_TOR_CONTROL',
    'ERR_TOR_SOCKS',
  ] as const)('takes nothing from the others by its own %s', async (code) => {
    const { outcome, failures } = watch(fails(code), ends);
    expect(await outcome).toBe(true);
    expect(failures).toEqual([expect.stringMatching(`${code}: it is started again`)]);
  });

  it('waits twice as long after each failure, and five minutes at most', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { failures, end, outcome } = watchWaiting(
      5_000,
      () => undefined,
      ...Array.from({ length: 20 }, () => fails('ERR_DESTINATION')),
    );
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    end.abort();
    await outcome;
    const waits = failures.map((failure) => failure.replace(/.* in /, ''));
    expect(waits.slice(0, 3)).toEqual(['5.0s', '10s', '20s']);
    expect(waits.slice(-2)).toEqual(['5m 00s', '5m 00s']);
  });

  it('waits as little as at first after one that has run for long', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const failing = fails('ERR_DESTINATION');
    const { failures, end, outcome } = watchWaiting(
      5_000,
      () => undefined,
      ...[failing, failing],
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 11 * 60_000));
        await failing();
      },
      ...[failing, failing],
    );
    await vi.advanceTimersByTimeAsync(12 * 60_000);
    end.abort();
    await outcome;
    const waits = failures.map((failure) => failure.replace(/.* in /, ''));
    expect(waits.slice(0, 4)).toEqual(['5.0s', '10s', '5.0s', '10s']);
  });

  it('that waits to be started again has ended when all is to end', async () => {
    const { outcome, states } = watchWaiting(
      60_000,
      (end) => end.abort(),
      fails('ERR_DESTINATION'),
    );
    expect(await outcome).toBe(true);
    expect(states.slice(-2)).toEqual(['failing', 'ended']);
  });

  it('is not started again when all is to end, and that is no failure', async () => {
    const { outcome, end, failures } = watch(async () => {
      await Promise.resolve();
      end.abort();
      await fails('ERR_SUSPENDED')();
    }, ends);
    expect(await outcome).toBe(true);
    expect(failures).toEqual([]);
  });
});

describe('the end of all services', () => {
  const ended = (code: 'ERR_SUSPENDED' | 'ERR_INTERRUPTED'): AbortSignal =>
    AbortSignal.abort(new OnionferryError(code, 'it was ended'));

  it('is a failure if one of them has failed', () => {
    const { signal } = new AbortController();
    expect(() => assertWell([true, false], signal)).toThrow('a service could not be run');
    expect(() => assertWell([true, true], signal)).not.toThrow();
  });

  it('is none if a service manager wants it, whatever has failed before', () => {
    expect(() => assertWell([true, false], ended('ERR_SUSPENDED'))).not.toThrow();
    expect(() => assertWell([true, true], ended('ERR_INTERRUPTED'))).toThrow('it was ended');
  });
});
