import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  compareVersions,
  isNewEnough,
  readTorVersion,
} from '../../../src/tor/program/tor-program.js';
import { writeProgram } from './fake-tor.js';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onionferry-version-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the version of a tor', () => {
  test.each([
    ['Tor version 0.4.9.11.\nThis build of Tor …', '0.4.9.11'],
    ['Tor version 0.4.9.1-alpha.', '0.4.9.1-alpha'],
    ['Tor version 0.5.0.1-alpha-dev (git-0123456789abcdef).', '0.5.0.1-alpha-dev'],
    ['Tor version 0.4.9.13 (git-0123456789abcdef).', '0.4.9.13'],
  ])('is read from its output: %s', async (said, version) => {
    const path = join(directory, 'tor');
    await writeProgram(path, `printf '%s\\n' '${said}'`);
    expect(await readTorVersion(path, {})).toBe(version);
  });

  test('is not accepted from a program that fails', async () => {
    const path = join(directory, 'tor');
    await writeProgram(path, 'echo "Tor version 0.4.9.11."; echo "broken pipe" >&2; exit 1');
    await expect(readTorVersion(path, {})).rejects.toMatchObject({
      code: 'ERR_TOR_MISSING',
      message: `${path} is not a tor that runs here (broken pipe)`,
    });
  });

  test.each([
    ['0.4.8.99', false],
    ['0.4.8.22-rc', false],
    ['0.3.9.9', false],
    ['0.4.9', true],
    ['0.4.9.0-alpha', true],
    ['0.4.10.1', true],
    ['0.5.0.1', true],
    ['1.0.0', true],
  ])('%s is new enough for the network: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test('is compared number by number', () => {
    expect(compareVersions('0.4.9.11', '0.4.9.9')).toBeGreaterThan(0);
    expect(compareVersions('0.4.9.2', '0.4.9.11')).toBeLessThan(0);
    expect(compareVersions('0.4.9.11-rc', '0.4.9.11')).toBe(0);
  });
});
