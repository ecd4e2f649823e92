import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { hashOf, sha256 } from '../support/carry.js';
import { halfway } from '../support/halfway.js';
import { namesBelow } from '../support/left-behind.js';
import { fillDisk, mountAt } from '../support/mounts.js';
import { dataOf, SLOW_LINE, test } from '../support/stage.js';

const MIB = 1024 * 1024;
const CONTENT = randomBytes(3 * MIB);

test('a disk that is full in the middle ends the recipient with what to do; the sender waits, and serves the rest', async ({
  stage,
}) => {
  await using disk = await mountAt(stage.at('to'), 'tmpfs', 40 * MIB);
  const out = disk.path;
  const path = await stage.file('from/file', CONTENT);
  const receiving = ['--circuits', '1'];
  const sides = await halfway(stage, { path, bytes: MIB, receiving, recipient: SLOW_LINE });
  const free = await fillDisk(out);

  const { status } = await sides.recipient.ends();
  expect(status).toBe(1);
  const [failure] = sides.recipient.events.filter(({ event }) => event === 'error');
  expect(failure).toMatchObject({
    code: 'ERR_DISK_FULL',
    message: expect.stringMatching(/kept: free \d+(\.\d+)? MB, then run receive again/) as unknown,
  });
  const { reason } = await sides.sender.told('waiting', (waiting) => /full/.test(waiting.reason));
  expect(reason).toContain('the disk on the recipient’s side is full');

  await free();
  await sides.receiveAgain();
  await sides.arrive();
  expect(await hashOf(sides.received)).toBe(sha256(CONTENT));
  expect((await sides.recipient.told('resuming')).bytes).toBeGreaterThanOrEqual(MIB / 2);
  expect(await namesBelow(out)).toEqual(['file']);
  expect(await sides.kept()).toEqual([]);
});

test('a full data directory of the sender is told as such, and costs only the chance to resume', async ({
  stage,
}) => {
  const home = stage.home();
  await using records = await mountAt(join(dataOf(home), 'transfers'), 'tmpfs', MIB);
  await chmod(records.path, 0o700);
  await fillDisk(records.path);
  const path = await stage.file('from/file', 'content');
  const sender = await stage.start(['send', '--json', path], { home });
  const { invitation: input } = await sender.told('online');
  const receiving = ['receive', '--json', '--out', stage.at('to')];
  const recipient = await stage.start(receiving, { input });
  await Promise.all([recipient.exits(0), sender.exits(0)]);
  const { message } = await sender.told('warning');
  expect(message).toContain('this machine’s data directory: the disk is full');
  expect(recipient.events.filter(({ event }) => event === 'warning')).toEqual([]);
});
