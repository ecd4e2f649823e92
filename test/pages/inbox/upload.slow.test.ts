import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { CREDENTIALS } from '../support/running-web.js';
import { runningInbox } from './running-inbox.js';

test('an upload also works with curl', async () => {
  const running = await runningInbox();
  const source = join(await temporaryDirectory(), 'from curl.bin');
  const content = Buffer.alloc(2_000_000, 'curl');
  await writeFile(source, content);
  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--location', '--unix-socket', running.web.httpSocket],
    ...['--user', `${CREDENTIALS.user}:${CREDENTIALS.password}`, '--form', `files=@${source}`],
    'http://example.onion/',
  ]);
  expect(stdout).toContain(createHash('sha256').update(content).digest('hex'));
  expect(await readdir(running.directory)).toEqual(['from curl.bin']);
});
