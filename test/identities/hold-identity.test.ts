import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { holdIdentity, type IdentityHold } from '../../src/identities/hold-identity.js';
import { temporaryDirectory } from '../tor/support/temporary-directory.js';

async function take(dataDir: string, holder: string): Promise<IdentityHold & { held: true }> {
  const hold = await holdIdentity(dataDir, 'default', holder);
  if (!hold.held) throw new Error(`held by ${hold.holder}`);
  return hold;
}

describe('holding an identity', () => {
  test('keeps everybody else out and tells who holds it', async () => {
    await using home = await temporaryDirectory();
    const hold = await take(home.path, 'onionferry relay (process 7)');
    expect(await holdIdentity(home.path, 'default', 'second')).toEqual({
      held: false,
      holder: 'onionferry relay (process 7)',
    });
    await hold.release();
    await hold.release();
    await (await take(home.path, 'third')).release();
  });

  test('keeps identities apart', async () => {
    await using home = await temporaryDirectory();
    const hold = await take(home.path, 'one');
    const other = await holdIdentity(home.path, 'work', 'two');
    expect(other.held).toBe(true);
    if (other.held) await other.release();
    await hold.release();
  });

  test('ends with the process that held it, even if that is killed', async () => {
    await using home = await temporaryDirectory();
    await (await take(home.path, 'make the file')).release();
    const script = `
      const { openSync } = require('node:fs');
      const { tryLock } = require('fs-native-extensions');
      console.log(tryLock(openSync(process.argv[1], 'a+')));
      setInterval(() => {}, 1000);`;
    const lock = join(home.path, 'identities', 'default.lock');
    const other = spawn(process.execPath, ['-e', script, lock], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(String((await once(other.stdout, 'data'))[0])).toBe('true\n');
    expect((await holdIdentity(home.path, 'default', 'us')).held).toBe(false);
    other.kill('SIGKILL');
    await once(other, 'exit');
    await (await take(home.path, 'us')).release();
  });

  test('shows nothing of a holder that could steer a terminal', async () => {
    await using home = await temporaryDirectory();
    const hold = await take(home.path, 'us');
    await writeFile(
      join(home.path, 'identities', 'default.lock'),
      `\u001b[31mred\r\n\u202e${'x'.repeat(999)}`,
    );
    const second = await holdIdentity(home.path, 'default', 'second');
    expect(second.held ? '' : second.holder).toMatch(/^\[31mred x{192}$/);
    await hold.release();
  });
});
