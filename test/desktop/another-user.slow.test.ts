import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { RunningDesktop } from './support/running-desktop.js';

const run = promisify(execFile);
/** "nobody", by the custom of all systems */
const NOBODY = '65534';

test('another user of the machine gets no answer, whatever they know; root, who runs it, does', async () => {
  const running = await RunningDesktop.entered();
  const cookie = `cookie: ${running.cookie}`;
  const asking = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', cookie];
  const page = `${running.origin}${running.path}`;
  const own = await run('curl', [...asking, page]);
  expect(own.stdout).toBe('200');
  const asNobody = ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', 'curl', ...asking];
  for (const url of [page, `${running.origin}/`]) {
    await expect(run('setpriv', [...asNobody, url])).rejects.toMatchObject({ stdout: '000' });
  }
});
