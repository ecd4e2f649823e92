import { describe, expect, it } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import { type ServiceState, supervise } from '../../../src/cli/services/supervise.js';

interface Watched {
  readonly states: ServiceState[];
  readonly failures: string[];
  readonly end: AbortController;
  readonly outcome: Promise<boolean>;
}

/** Supervises what does these one after the other. */
function watch(...runs: readonly (() => Promise<void>)[]): Watched {
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
    onFailure: (error, what) => void failures.push(`${error.code}: ${what}`),
    ending: end.signal,
    firstWaitMs: 5,
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

  it('cannot go on without tor', async () => {
    await expect(watch(fails('ERR_TOR_DIED'), ends).outcome).rejects.toMatchObject({
      code: 'ERR_TOR_DIED',
    });
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
