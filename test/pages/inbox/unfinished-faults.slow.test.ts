import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type FileCall,
  hookFileCalls,
  systemError,
  watchFileCalls,
} from '../../support/file-calls.js';
import { temporaryDirectoryInMemory } from '../../support/temporary-directory.js';
import type { WebReply } from '../support/running-web.js';
import { contentsOf, form, post, type RunningInbox, runningInbox } from './running-inbox.js';
import { created, metadata, patch, tus, unitsSha256 } from './tus-visitor.js';

let restore: () => void;
beforeAll(() => {
  restore = watchFileCalls();
});
afterAll(() => restore());

type Web = RunningInbox['web'];

/** What a visitor does last, and what is in the inbox then. */
interface Visit {
  /** @returns what is to be asked, and asked again if it failed */
  readonly prepare: (web: Web) => Promise<(web: Web) => Promise<WebReply>>;
  readonly saved: Readonly<Record<string, string>>;
}

const LAST_BYTES: Visit = {
  prepare: async (web) => {
    const path = await created(web, 6, { filename: 'a' });
    await patch(web, path, 0, 'abc');
    return async (at) => {
      const head = await tus(at, { method: 'HEAD', path });
      const offset = Number(head.headers['upload-offset']);
      if (head.status !== 200 || offset === 6) return head;
      return await patch(at, path, offset, 'abcdef'.slice(offset));
    };
  },
  saved: { a: 'abcdef' },
};

const TOGETHER: Visit = {
  prepare: async (web) => {
    const parts: string[] = [];
    for (const content of ['one,', 'two,', 'three']) {
      const path = await created(web, content.length, {}, { 'upload-concat': 'partial' });
      await patch(web, path, 0, content);
      parts.push(path);
    }
    const headers = {
      'upload-concat': `final;${parts.join(' ')}`,
      'upload-metadata': metadata({ filename: 'all' }),
    };
    return async (at) => {
      // A client that goes on asks first what is there of each part.
      for (const path of parts) {
        const { status } = await tus(at, { method: 'HEAD', path });
        if (status !== 200) throw new Error(`${path}: ${String(status)}`);
      }
      return await tus(at, { method: 'POST', headers });
    };
  },
  saved: { all: 'one,two,three' },
};

const SENT_AHEAD: Visit = {
  prepare: async (web) => {
    const fields: { field: string; value: string }[] = [];
    for (const name of ['a', 'b']) {
      const content = Buffer.from(`sent ahead: ${name}`);
      const path = await created(web, content.length, { fingerprint: name });
      await tus(web, { method: 'POST', path: `${path}?at=0`, body: content });
      const id = path.slice('/uploads/'.length);
      const staged = { id, name: `d/${name}`, unitsSha256: unitsSha256(content) };
      fields.push({ field: 'staged', value: JSON.stringify(staged) });
    }
    return (at) => post(at, form(...fields, { name: 'c', content: 'in the form' }));
  },
  saved: { 'd/a': 'sent ahead: a', 'd/b': 'sent ahead: b', c: 'in the form' },
};

test.each([
  ['its last bytes come', LAST_BYTES, true],
  ['its last bytes come, where there are no links', LAST_BYTES, false],
  ['its parts are put together', TOGETHER, true],
  ['the form comes that it was sent ahead of', SENT_AHEAD, true],
])('an inbox whose disk fails at any one call, while %s, has it whole or takes the same again', async (_, visit, hasLinks) => {
  const tryWith = async (failing: number): Promise<number> => {
    const inbox = await runningInbox({ directory: await temporaryDirectoryInMemory() });
    const ask = await visit.prepare(inbox.web);
    let calls = 0;
    const failed: FileCall[] = [];
    const reply = await hookFileCalls(
      [inbox.directory],
      (call) => {
        if (!hasLinks && call.name === 'link') throw systemError('EPERM', call);
        if (calls++ !== failing) return;
        failed.push(call);
        throw systemError('EIO', call);
      },
      () => ask(inbox.web),
    );
    if (failing === Number.POSITIVE_INFINITY) expect(reply.status).toBeLessThan(300);
    const isSaved = async (): Promise<boolean> => {
      const shown = Object.entries(await contentsOf(inbox.directory));
      const visible = shown.filter(([name]) => !name.startsWith('.'));
      if (visible.length > 0) expect(Object.fromEntries(visible)).toEqual(visit.saved);
      return visible.length > 0;
    };
    if (reply.status < 300) expect(await isSaved()).toBe(true);
    // By turns asked again at once, and after a restart.
    if (!(await isSaved()) && failing % 2 === 0) await ask(inbox.web);
    await inbox.inbox.close();
    const again = await runningInbox({ directory: inbox.directory });
    if (!(await isSaved())) expect((await ask(again.web)).status).toBeLessThan(300);
    await again.inbox.close();
    // What could not be removed expires.
    if (failed.some(({ name }) => /^(rm|unlink)/.test(name))) expect(await isSaved()).toBe(true);
    else expect(await contentsOf(inbox.directory)).toEqual(visit.saved);
    return calls;
  };
  const all = await tryWith(Number.POSITIVE_INFINITY);
  for (let failing = 0; failing < all; failing++) await tryWith(failing);
});
