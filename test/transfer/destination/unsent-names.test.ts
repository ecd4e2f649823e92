import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hookFileCalls, systemError, watchFileCalls } from '../../support/file-calls.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { labelOf, Receiving, visible } from '../support/receiving.js';

let restore: () => void;
beforeAll(() => {
  restore = watchFileCalls();
});
afterAll(() => restore());

test.each([
  ['before files get their final names', 'handle.sync OUT/STAGING/d'],
  ['while files get their final names', 'rename OUT/STAGING/d'],
])('what somebody puts among staged files gets no final name, and is told (%s)', async (_, last) => {
  const elsewhere = join(await temporaryDirectory(), 'elsewhere');
  writeFileSync(elsewhere, 'not ours');
  const receiving = await Receiving.prepare();
  const broken = await hookFileCalls(
    [receiving.directory],
    (call) => {
      if (labelOf(call, receiving) === last) throw systemError('EIO', call);
    },
    () => receiving.run(),
  );
  expect(broken.error).toBeDefined();
  const hidden = readdirSync(receiving.directory).find((name) => name.endsWith('.part')) ?? '';
  const at = (name: string): string => join(receiving.directory, hidden, name);
  writeFileSync(at('d/extra'), 'x');
  mkdirSync(at('d/sub/more/below'), { recursive: true });
  symlinkSync(elsewhere, at('d/link'));
  linkSync(at('d/big'), at('d/sub/same'));
  const { error, received, brought } = await receiving.run();
  expect([error, brought]).toEqual([undefined, last.startsWith('rename') ? 0 : expect.anything()]);
  expect(await visible(receiving.directory)).toEqual(receiving.names);
  expect(await receiving.wrongFiles()).toEqual([]);
  const told = ['d/extra', 'd/link', 'd/sub/more', 'd/sub/same'].map((name) => {
    return `${name} was put among what was received, but was not sent: it was removed`;
  });
  expect([...(received?.warnings ?? [])].sort()).toEqual(told);
  expect(readdirSync(join(elsewhere, '..'))).toEqual(['elsewhere']);
  expect(await receiving.leftBehind()).toEqual([]);
});
