import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { utf8 } from '../../../src/base/bytes.js';
import { escapedName, unescapedName } from '../../../src/disk/names/escaped-name.js';
import { LocalFolder } from '../../../src/disk/names/local-folder.js';
import { isHarmless, localName } from '../../../src/disk/names/local-name.js';
import { MoveJournal } from '../../../src/transfer/record/move-journal.js';
import { recordSchema } from '../../../src/transfer/record/record.js';
import { decodeContent } from '../../../src/transfer/record/recorded-content.js';
import { damagedBytes, damagedText } from '../damaged.js';
import { expectSame, expectThat } from '../outcome.js';
import { bytesTarget, type Target, textTarget } from '../target.js';

const NAME_MAX_BYTES = 255;

const CONTENT = [
  '{"kind":"files","entries":[{"type":"file","path":["a"],"size":3,"mode":420,"mtime":1}]}',
  '{"identities":[[0,"/a",  "1","2","3","4","5"],[1,{"base64":"/w=="},"1","2","3","-4","5"]]}',
].join('\n');
const MOVES = [
  JSON.stringify({ hashes: [[0, 'a'.repeat(64)]], warnings: ['one'] }),
  JSON.stringify([['a'], ['b', 'c']]),
  JSON.stringify([['a'], ['b'], 'replaces']),
  JSON.stringify({ done: 1 }),
  '',
].join('\n');
const RECORD = {
  kind: 'sender',
  version: 1,
  id: 'x',
  createdAt: '2026-11-29T10:00:00.000Z',
  channel: 'one-two',
  curve: 'p256',
  resumption: 'A'.repeat(43),
  generation: 0,
  relay: { kind: 'own', key: 'k', access: 'one-two' },
  source: { paths: ['/a'] },
};

/** Names that others choose, and files that a crash, a full disk or a hand may have damaged. */
export const DISK_TARGETS: readonly Target[] = [
  textTarget({
    name: 'names',
    inputs: damagedText('a.txt', 'CON', 'a'.repeat(300), 'x\u202etxt.exe', '12:30?.png'),
    judge(sent) {
      for (const platform of ['linux', 'darwin', 'win32']) {
        const name = localName(sent, platform);
        expectThat(!/[\p{Cc}\u202e]/u.test(name), 'nothing that changes how a name is read');
        expectThat(utf8(name).length <= NAME_MAX_BYTES, 'no more than a file system takes');
        expectThat(!isHarmless(sent, platform) || isHarmless(name, platform), 'still one name');
        const folder = LocalFolder.root(platform);
        const given = [1, 2, 3].map(() => folder.add(sent, false));
        expectThat(new Set(given).size === 3, 'one name for each');
      }
      return true;
    },
  }),
  bytesTarget({
    name: 'names that are not UTF-8',
    inputs: damagedBytes(utf8('a%25é漢'), Uint8Array.from([0x66, 0xff, 0xc3, 0x25])),
    judge(bytes) {
      const name = Buffer.from(bytes);
      const text = escapedName(name);
      const back = unescapedName(text);
      // What is UTF-8 is no escaped name.
      expectSame(back ?? Buffer.from(text), name, 'the name escaped and read again');
      return true;
    },
  }),
  textTarget({
    name: 'records',
    inputs: damagedText(JSON.stringify(RECORD)),
    judge(text) {
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        return false;
      }
      const read = v.safeParse(recordSchema, json);
      if (!read.success) return false;
      const again = v.parse(recordSchema, JSON.parse(JSON.stringify(read.output)));
      expectSame(again, read.output, 'the record written and read again');
      return true;
    },
  }),
  textTarget({
    name: 'recorded content',
    inputs: damagedText(CONTENT),
    async judge(text) {
      try {
        await decodeContent(text);
        return true;
      } catch (error) {
        expectThat(error instanceof Error && !(error instanceof RangeError), 'an ordinary refusal');
        return false;
      }
    },
  }),
  textTarget({
    name: 'journals of moves',
    inputs: damagedText(MOVES),
    async judge(text) {
      const folder = await mkdtemp(join(tmpdir(), 'onionferry-fuzz-'));
      try {
        const journal = MoveJournal.beside(join(folder, 'journal'), folder);
        await writeFile(join(folder, 'journal.moves'), text, { mode: 0o600 });
        const planned = await journal.read();
        const sources = planned?.moves.map(({ from }) => from.join('/')) ?? [];
        expectThat(new Set(sources).size === sources.length, 'one move for each source');
        return planned !== undefined;
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  }),
];
