import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withDataDir, withIdentity } from '../../src/api/options.js';
import { exportIdentityTo } from '../../src/api/verbs/identities.js';
import { hasCode, OnionferryError } from '../../src/base/errors.js';
import { silentLogger } from '../../src/base/logger.js';
import { holdIdentity } from '../../src/identities/hold-identity.js';
import { loadIdentity, storeIdentity } from '../../src/identities/identities.js';
import { createIdentity } from '../../src/onion/identity.js';
import { encodeIdentityPem } from '../../src/onion/pem.js';
import type { HeldRecord, Unrecorded } from '../../src/transfer/record/held-record.js';
import type { SenderRecord } from '../../src/transfer/record/record.js';
import { openRecords } from '../../src/transfer/record/records.js';
import { hookFileCalls, systemError, watchFileCalls } from '../support/file-calls.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { filesOf } from '../transfer/destination/resumable.js';

const CODES = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENOSYS', 'EPERM', 'EINVAL'] as const;

let restore: () => void;
beforeAll(() => {
  restore = watchFileCalls();
});
afterAll(() => restore());

/** The calls that `work` makes in a folder, and what it throws if one of them fails. */
async function attempt(
  directory: string,
  work: () => Promise<unknown>,
  failing?: { call: number; code: string },
): Promise<{ calls: string[]; error: unknown }> {
  const calls: string[] = [];
  const error = await hookFileCalls(
    [directory],
    (made) => {
      const number = calls.push(made.name) - 1;
      if (failing?.call === number) throw systemError(failing.code, made);
    },
    () =>
      work().then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
  );
  return { calls, error };
}

/** Lets each call of `work` fail with each code, each in a data directory of its own. */
async function eachFault(
  prepare: (dataDir: string) => Promise<unknown>,
  work: (dataDir: string) => Promise<unknown>,
  check: (dataDir: string, error: unknown, call: string) => Promise<void>,
): Promise<void> {
  const first = await temporaryDirectory();
  await prepare(first);
  const { calls, error } = await attempt(first, () => work(first));
  expect(error).toBeUndefined();
  for (const [number, call] of calls.entries()) {
    for (const code of CODES) {
      const dataDir = await temporaryDirectory();
      await prepare(dataDir);
      const tried = await attempt(dataDir, () => work(dataDir), { call: number, code });
      await check(dataDir, tried.error, `${call} (call ${number}) ${code}`);
    }
  }
}

/** None in a folder that was never made. */
async function namesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch((): string[] => []);
}

const REMOVALS = /^(rm|unlink) /;

describe('a key', () => {
  test('is whole or not there, and the reason is told, whichever call fails while it is made', async () => {
    await eachFault(
      () => Promise.resolve(),
      (dataDir) => storeIdentity(dataDir, 'blog'),
      async (dataDir, error, call) => {
        const names = await namesIn(join(dataDir, 'identities'));
        if (error === undefined) {
          await loadIdentity(dataDir, 'blog');
          if (!REMOVALS.test(call)) expect(names, call).toEqual(['blog.pem']);
          return;
        }
        expect(hasCode(error, 'ERR_KEY'), `${call}: ${inspect(error)}`).toBe(true);
        // A name that could not be made durable stays, for it may be.
        if (names.includes('blog.pem')) await loadIdentity(dataDir, 'blog');
        expect(
          names.filter((name) => name !== 'blog.pem'),
          call,
        ).toEqual([]);
      },
    );
  });

  test('is the old one or the new one, whichever call fails while it is replaced', async () => {
    const before = new Map<string, string>();
    await eachFault(
      async (dataDir) => {
        const { identity } = await storeIdentity(dataDir, 'blog');
        before.set(dataDir, identity.address);
      },
      (dataDir) => storeIdentity(dataDir, 'blog', { replace: true }),
      async (dataDir, error, call) => {
        const { identity } = await loadIdentity(dataDir, 'blog');
        if (error === undefined) expect(identity.address, call).not.toBe(before.get(dataDir));
        else expect(error).toBeInstanceOf(OnionferryError);
        expect(await readdir(join(dataDir, 'identities')), call).toEqual(['blog.pem']);
      },
    );
  });

  test('is whole or not there, whichever call fails while it is exported', async () => {
    const out = (dataDir: string): string => join(dataDir, 'out/key.pem');
    await eachFault(
      async (dataDir) => {
        await storeIdentity(dataDir, 'blog');
        await mkdir(join(dataDir, 'out'));
      },
      (dataDir) => exportIdentityTo(out(dataDir), withDataDir(dataDir), withIdentity('blog')),
      async (dataDir, error, call) => {
        const names = await namesIn(join(dataDir, 'out'));
        if (error === undefined || names.includes('key.pem')) {
          const { identity } = await loadIdentity(dataDir, 'blog');
          expect(await readFile(out(dataDir), 'utf8'), call).toBe(encodeIdentityPem(identity));
        }
        if (error !== undefined) expect(hasCode(error, 'ERR_KEY'), call).toBe(true);
        if (!REMOVALS.test(call)) {
          expect(
            names.filter((name) => name !== 'key.pem'),
            call,
          ).toEqual([]);
        }
      },
    );
  });

  test('is held or free, whichever call fails while it is taken', async () => {
    await eachFault(
      (dataDir) => storeIdentity(dataDir, 'blog'),
      async (dataDir) => {
        const hold = await holdIdentity(dataDir, 'blog', 'first');
        if (hold.held) await hold.release();
      },
      async (dataDir, error, call) => {
        if (error !== undefined) expect(hasCode(error, 'ERR_KEY'), call).toBe(true);
        const hold = await holdIdentity(dataDir, 'blog', 'second');
        expect(hold.held, call).toBe(true);
        if (hold.held) await hold.release();
      },
    );
  });
});

describe('a record', () => {
  const fields: Unrecorded<SenderRecord> = {
    kind: 'sender',
    channel: 'front-door',
    curve: 'p256',
    generation: 0,
    resumption: 'CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk',
    relay: { kind: 'other', onion: createIdentity().address, access: 'a' },
    source: { paths: ['/a'] },
  };
  const content = { manifest: filesOf([1, 2]), identities: new Map<number, never>() };

  async function create(dataDir: string): Promise<HeldRecord<SenderRecord>> {
    const records = await openRecords(dataDir, silentLogger);
    await using reserved = await records.reserve(content);
    return await reserved.create<SenderRecord>(fields);
  }

  async function find(dataDir: string): Promise<HeldRecord<SenderRecord> | undefined> {
    return await (await openRecords(dataDir, silentLogger)).find('sender');
  }

  async function files(dataDir: string): Promise<string[]> {
    const names = await namesIn(join(dataDir, 'transfers'));
    return names.map((name) => name.replace(/^[0-9a-f]+\./, '')).sort();
  }

  const WHOLE = ['content.json', 'json', 'lock'];

  test('is whole or leaves nothing, and says whose disk it is, whichever call fails while it is made', async () => {
    await eachFault(
      () => Promise.resolve(),
      async (dataDir) => await (await create(dataDir))[Symbol.asyncDispose](),
      async (dataDir, error, call) => {
        if (error === undefined) {
          expect(await files(dataDir), call).toEqual(WHOLE);
        } else {
          expect(hasCode(error, 'ERR_DATA_DIRECTORY'), `${call}: ${inspect(error)}`).toBe(true);
          expect(inspect(error)).toContain('this machine’s data directory');
          expect(await files(dataDir), call).toEqual([]);
        }
      },
    );
  });

  test('is the old one or the new one, whichever call fails while it is changed', async () => {
    await eachFault(
      async (dataDir) => await (await create(dataDir))[Symbol.asyncDispose](),
      async (dataDir) => {
        await using record = await find(dataDir);
        if (record === undefined) throw new OnionferryError('ERR_DATA_DIRECTORY', 'not found');
        await record.update({ generation: 7 });
      },
      async (dataDir, error, call) => {
        if (error !== undefined) expect(hasCode(error, 'ERR_DATA_DIRECTORY'), call).toBe(true);
        await using record = await find(dataDir);
        const isNew = record?.record.generation === 7;
        if (error === undefined) expect(isNew, call).toBe(true);
        expect(await files(dataDir), call).toEqual(WHOLE);
        const [json = ''] = (await readdir(join(dataDir, 'transfers'))).filter((name) =>
          /^[0-9a-f]+\.json$/.test(name),
        );
        JSON.parse(await readFile(join(dataDir, 'transfers', json), 'utf8'));
      },
    );
  });
});
