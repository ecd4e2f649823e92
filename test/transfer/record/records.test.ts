import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toBase64Url } from '../../../src/base/bytes.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { encodeIdentityPem } from '../../../src/onion/pem.js';
import type { HeldRecord, Unrecorded } from '../../../src/transfer/record/held-record.js';
import type {
  RecipientRecord,
  SenderRecord,
  TransferRecord,
} from '../../../src/transfer/record/record.js';
import { openRecords, type Records } from '../../../src/transfer/record/records.js';
import { fileSource, resumedSource } from '../../../src/transfer/source/file-source.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { filesOf } from '../destination/resumable.js';

const SECRET = toBase64Url(new Uint8Array(32).fill(9));
const common = { channel: 'front-door', curve: 'p256', resumption: SECRET, generation: 0 } as const;
const content = { manifest: filesOf([1, 2, 3]), identities: new Map<number, never>() };

interface Store {
  readonly dataDir: string;
  readonly records: Records;
  readonly warnings: string[];
  /** What only `--verbose` shows. */
  readonly details: string[];
}

async function store(): Promise<Store> {
  const dataDir = await temporaryDirectory();
  const warnings: string[] = [];
  const details: string[] = [];
  const logger = {
    debug: (message: string): void => void details.push(message),
    warn: (message: string): void => void warnings.push(message),
  };
  return { dataDir, records: await openRecords(dataDir, logger), warnings, details };
}

async function recipient(): Promise<Unrecorded<RecipientRecord>> {
  const directory = await temporaryDirectory();
  const staging = join(directory, '.onionferry-0123456789ab.part');
  await mkdir(staging);
  const onion = createIdentity().address;
  return { kind: 'recipient', ...common, onion, access: 'a', directory, conflict: 'skip', staging };
}

async function create<R extends TransferRecord>(
  { records }: Store,
  fields: Unrecorded<R>,
): Promise<HeldRecord<R>> {
  await using reservation = await records.reserve(content);
  return await reservation.create<R>(fields);
}

/** A record whose process is gone, and its file. */
async function left(on: Store): Promise<{ id: string; file: string; staging: string }> {
  await using held = await create<RecipientRecord>(on, await recipient());
  const { id, staging } = held.record;
  return { id, file: join(on.dataDir, 'transfers', `${id}.json`), staging };
}

describe('records of transfers', () => {
  test('come back as they were stored, for this user alone', async () => {
    const on = await store();
    const held = await create<RecipientRecord>(on, await recipient());
    await held.update({
      generation: 3,
      complete: { files: [{ path: 'a', bytes: 6, sha256: 'ab' }], warnings: [] },
    });
    const { record } = held;
    await held[Symbol.asyncDispose]();
    await using found = await on.records.find('recipient', ({ access }) => access === 'a');
    expect(found?.record).toEqual(record);
    expect(found?.record.generation).toBe(3);
    expect(found?.content).toEqual(content);
    const directory = join(on.dataDir, 'transfers');
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(directory)) {
      expect(name).not.toMatch(/tmp$/);
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    }
  });

  test('let a sender resume with its files, and tell whether they changed', async () => {
    const on = await store();
    const path = join(await temporaryDirectory(), 'file');
    await writeFile(path, 'content');
    const source = await fileSource([path]);
    const key = encodeIdentityPem(createIdentity());
    const relay = { kind: 'own', key, identityName: 'default', access: 'a' } as const;
    await using reservation = await on.records.reserve(source);
    const fields = { kind: 'sender', ...common, relay, source: { paths: [path] } } as const;
    await (await reservation.create<SenderRecord>(fields))[Symbol.asyncDispose]();
    expect(await on.records.find('recipient')).toBeUndefined();
    await using found = await on.records.find('sender');
    expect(found?.record).toMatchObject(fields);
    const again = resumedSource(found!.content);
    expect(again.manifest).toEqual(source.manifest);
    await again.verifyUnchanged();
    await writeFile(path, 'other content');
    await expect(again.verifyUnchanged()).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' });
  });

  test('are taken by one process at a time, and free when it has ended', async () => {
    const on = await store();
    const { id } = await left(on);
    const script = `
      const { openSync } = require('node:fs');
      const { tryLock } = require('fs-native-extensions');
      console.log(tryLock(openSync(process.argv[1], 'a+')));
      setInterval(() => {}, 1000);`;
    const lock = join(on.dataDir, 'transfers', `${id}.lock`);
    const other = spawn(process.execPath, ['-e', script, lock], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void other.kill('SIGKILL'));
    expect(String((await once(other.stdout, 'data'))[0])).toBe('true\n');
    expect(await on.records.list()).toMatchObject([{ free: false, record: { id } }]);
    expect(await on.records.find('recipient')).toBeUndefined();
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await on.records.list()).toMatchObject([{ free: true, record: { id } }]);
    await using found = await on.records.find('recipient');
    expect(found?.record.id).toBe(id);
    expect(await on.records.list()).toMatchObject([{ free: false }]);
    expect(await on.records.find('recipient')).toBeUndefined();
  });

  test('are found newest first', async () => {
    const on = await store();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { id, file } = await left(on);
      const record = JSON.parse(await readFile(file, 'utf8')) as RecipientRecord;
      const createdAt = new Date(Date.UTC(2030, 0, 3 - i)).toISOString();
      await writeFile(file, JSON.stringify({ ...record, createdAt }));
      ids.push(id);
    }
    expect((await on.records.list()).map(({ record }) => record.id)).toEqual(ids.reverse());
    await using found = await on.records.find('recipient');
    expect(found?.record.id).toBe(ids.at(-1));
  });

  test('leave nothing when they are removed, or were never made', async () => {
    const on = await store();
    await using held = await create<RecipientRecord>(on, await recipient());
    await writeFile(held.journal, 'journal');
    await held.remove();
    await held.update({ generation: 1 });
    await (await on.records.reserve(content))[Symbol.asyncDispose]();
    expect(await readdir(join(on.dataDir, 'transfers'))).toEqual([]);
  });

  test('are removed when what was received is gone, but not when it has arrived', async () => {
    const on = await store();
    const gone = await left(on);
    await rm(gone.staging, { recursive: true });
    expect(await on.records.list()).toEqual([]);
    expect(await readdir(join(on.dataDir, 'transfers'))).toEqual([]);
    await using held = await create<RecipientRecord>(on, await recipient());
    await rm(held.record.staging, { recursive: true });
    // Its process is just about to write the folder: it holds the record.
    expect(await on.records.list()).toMatchObject([{ free: false }]);
    await held.update({ complete: { files: [], warnings: ['one was left out'] } });
    await held[Symbol.asyncDispose]();
    expect(await on.records.list()).toMatchObject([{ free: true }]);
  });

  const damages: [string, (file: string, record: RecipientRecord) => Promise<void>][] = [
    ['cut short', (file) => writeFile(file, '{"version":1,"id":"')],
    ['empty', (file) => writeFile(file, '')],
    ['of another version', (file, record) => rewrite(file, { ...record, version: 2 })],
    ['under another id', (file, record) => rewrite(file, { ...record, id: 'f'.repeat(24) })],
    ['with a short secret', (file, record) => rewrite(file, { ...record, resumption: 'AAAA' })],
    ['with a field too many', (file, record) => rewrite(file, { ...record, extra: SECRET })],
    ['with a field too few', (file, record) => rewrite(file, { ...record, access: undefined })],
    ['open to others', (file) => chmod(file, 0o644)],
  ];
  const rewrite = (file: string, record: unknown): Promise<void> =>
    writeFile(file, JSON.stringify(record));

  test.each(
    damages,
  )('are left alone with a warning when %s, and hide no others', async (name, damage) => {
    const on = await store();
    const bad = await left(on);
    const good = await left(on);
    await damage(bad.file, JSON.parse(await readFile(bad.file, 'utf8')) as RecipientRecord);
    expect(await on.records.list()).toMatchObject([{ record: { id: good.id } }]);
    expect(on.warnings).toEqual([expect.stringContaining(bad.file)]);
    const reasons = name === 'of another version' ? 0 : 1;
    expect(on.details).toHaveLength(reasons);
    expect([...on.warnings, ...on.details].join()).not.toContain(SECRET);
    expect(await readdir(join(on.dataDir, 'transfers'))).toContain(`${bad.id}.json`);
  });

  test('are not resumed without a whole manifest', async () => {
    const on = await store();
    const { id } = await left(on);
    await writeFile(join(on.dataDir, 'transfers', `${id}.content.json`), '{"manifest":');
    expect(await on.records.find('recipient')).toBeUndefined();
    expect(on.warnings).toEqual([expect.stringContaining(id)]);
  });

  test('that a crash left without their main part are removed, but not at once', async () => {
    const on = await store();
    const { id, file } = await left(on);
    await rm(file);
    await writeFile(`${file}.0123456789ab.tmp`, SECRET, { mode: 0o600 });
    expect(await on.records.list()).toEqual([]);
    const directory = join(on.dataDir, 'transfers');
    expect(await readdir(directory)).toHaveLength(3);
    await utimes(join(directory, `${id}.lock`), 1, 1);
    expect(await on.records.list()).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });
});
