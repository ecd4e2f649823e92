import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';

const HANG_UP = new URL('../../src/cli/hang-up.ts', import.meta.url).href;
const PROBE = `const { isHangUpIgnored } = await import(${JSON.stringify(HANG_UP)});
process.stdout.write(String(isHangUpIgnored(process.env)));`;

/** What a program sees that a shell without job control starts so. @param how with "$@" for it */
async function seen(how: string): Promise<string> {
  const out = join(await temporaryDirectory(), 'out');
  const probe = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', PROBE];
  // What this shell's own parent has put there would be taken for a shell's word.
  const env = { ...process.env, OUT: out, _: '' };
  await promisify(execFile)('sh', ['-c', how, 'sh', ...probe], { env });
  return await readFile(out, 'utf8');
}

test.each([
  'exec nohup "$@" >"$OUT" 2>/dev/null </dev/null',
  'nohup "$@" >"$OUT" 2>/dev/null </dev/null; exit $?',
  'trap \'\' HUP; exec "$@" >"$OUT" 2>/dev/null </dev/null',
])('a program that is detached outlives hang-ups: %s', async (how) => {
  expect(await seen(how)).toBe('true');
});

test.each([
  'exec env _=/usr/bin/node "$@" >"$OUT" 2>/dev/null </dev/null',
  'true | "$@" >"$OUT" 2>/dev/null',
])('one that is not ends with its terminal: %s', async (how) => {
  expect(await seen(how)).toBe('false');
});
