import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type FileHook,
  hookFileCalls,
  systemError,
  watchFileCalls,
} from '../../support/file-calls.js';
import { file, type RunningInbox, runningInbox, upload } from './running-inbox.js';
import { created, patch, tus } from './tus-visitor.js';

/** Less than any write of an inbox has. */
const PART_BYTES = 10_000;
const CONTENT = randomBytes(300_000);
const PARTLY: FileHook = () => PART_BYTES;

describe('where the file system writes a part of what it is given', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  async function whole({ directory }: RunningInbox, name: string): Promise<boolean> {
    return CONTENT.equals(await readFile(join(directory, name)));
  }

  test('a form, an upload by tus and one in parts are whole', async () => {
    const inbox = await runningInbox();
    const { web, directory } = inbox;
    await hookFileCalls([directory], PARTLY, async () => {
      expect((await upload(inbox, file('form', CONTENT))).status).toBe(200);
      const path = await created(web, CONTENT.length, { filename: 'tus' });
      expect((await patch(web, path, 0, CONTENT)).status).toBe(204);
      const parts: string[] = [];
      for (const content of [CONTENT.subarray(0, 100_000), CONTENT.subarray(100_000)]) {
        const part = await created(web, content.length, {}, { 'upload-concat': 'partial' });
        await patch(web, part, 0, content);
        parts.push(part);
      }
      const name = `filename ${Buffer.from('parts').toString('base64')}`;
      const headers = { 'upload-concat': `final;${parts.join(' ')}`, 'upload-metadata': name };
      expect((await tus(web, { method: 'POST', headers })).status).toBe(201);
    });
    for (const name of ['form', 'tus', 'parts']) expect(await whole(inbox, name)).toBe(true);
  });

  test('and then is full, nothing counts as received that is not there', async () => {
    const inbox = await runningInbox();
    const { web, directory } = inbox;
    const path = await created(web, CONTENT.length, { filename: 'tus' });
    let writes = 0;
    const filling: FileHook = (call) => {
      if (call.name !== 'handle.write') return undefined;
      if (writes++ > 0) throw systemError('ENOSPC', call);
      return PART_BYTES;
    };
    const refused = await hookFileCalls([directory], filling, () => patch(web, path, 0, CONTENT));
    expect(refused.status).toBe(507);
    const { headers } = await tus(web, { method: 'HEAD', path });
    const offset = Number(headers['upload-offset']);
    expect(offset).toBeLessThanOrEqual(PART_BYTES);
    expect((await patch(web, path, offset, CONTENT.subarray(offset))).status).toBe(204);
    expect(await whole(inbox, 'tus')).toBe(true);
  });
});
