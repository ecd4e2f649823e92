import { expect, test } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { UploadSlots } from '../../../src/pages/inbox/upload-slots.js';

test('when no slot is free, the circuit with most gives one to a circuit with fewer', async () => {
  const slots = new UploadSlots(3, 3_600_000);
  const { signal } = new AbortController();
  const ended: string[] = [];
  const upload = (name: string, circuit: number | undefined): Promise<unknown> => {
    const end = deferred<undefined>();
    const giveUp = (): void => {
      ended.push(name);
      end.reject(new Error('displaced'));
    };
    const running = slots.within(() => end.promise, { signal, circuit, giveUp });
    running.catch(() => undefined);
    return running;
  };
  void upload('first', 1);
  void upload('second', 1);
  const third = upload('third', 1);
  const other = deferred<undefined>();
  void slots.within(
    () => {
      other.resolve(undefined);
      return new Promise(() => undefined);
    },
    { signal, circuit: 2, giveUp: () => ended.push('other') },
  );
  await expect(third).rejects.toThrow('displaced');
  await other.promise;
  expect(ended).toEqual(['third']);
  // Two of one circuit and one of another: nobody holds much more than a third would.
  void upload('late', 2);
  void upload('late', 1);
  expect(ended).toEqual(['third']);
});
