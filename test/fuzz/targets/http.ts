import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { type Bytes, utf8 } from '../../../src/base/bytes.js';
import {
  judgeConditions,
  mayResume,
  requestedRange,
} from '../../../src/onion-http/content/conditions.js';
import { DEFAULT_INBOX_LIMITS } from '../../../src/pages/inbox/limits.js';
import { readForm } from '../../../src/pages/inbox/read-form.js';
import {
  readChecksum,
  readConcat,
  readCount,
  readMetadata,
  TusRefusal,
} from '../../../src/pages/inbox/tus-headers.js';
import { parseNote } from '../../../src/pages/inbox/upload-note.js';
import { UploadRefusal } from '../../../src/pages/inbox/upload-refusal.js';
import { formatPath, parsePath } from '../../../src/pages/listing/url-path.js';
import { Tickets } from '../../../src/pages/parallel/tickets.js';
import { damagedBytes, damagedText, pieces } from '../damaged.js';
import { expectSame, expectThat } from '../outcome.js';
import { bytesTarget, type Target, textTarget } from '../target.js';

const SIZES = [0, 1, 1000, 2 ** 40];
const ETAG = '"abc"';
const TICKETS = new Tickets();
const ID = '0123456789abcdef'.repeat(2);

const FORM = [
  '--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n',
  '--b\r\nContent-Disposition: form-data; name="files"; filename="a/b%22.txt"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n',
  '--b--\r\n',
].join('');

/** What browsers and their like send to pages. */
export const HTTP_TARGETS: readonly Target[] = [
  textTarget({
    name: 'Range headers',
    inputs: damagedText('bytes=0-99', 'bytes=-5', 'bytes=10-', 'bytes=0-1,4-5'),
    judge(header) {
      let taken = false;
      for (const size of SIZES) {
        const range = requestedRange(header, size);
        if (range === undefined || range === 'unsatisfiable') continue;
        const { start, end } = range;
        expectThat(
          start >= 0 && start < end && end <= size,
          `a range of the ${String(size)} bytes`,
        );
        taken = true;
      }
      return taken;
    },
  }),
  textTarget({
    name: 'conditions',
    inputs: damagedText(ETAG, `W/${ETAG}, "x"`, '*', 'Sun, 29 Nov 2026 10:00:00 GMT'),
    judge(header) {
      const validators = { etag: ETAG, modified: 'Sun, 29 Nov 2026 10:00:00 GMT' };
      for (const name of [
        'if-match',
        'if-none-match',
        'if-modified-since',
        'if-unmodified-since',
      ]) {
        judgeConditions({ [name]: header }, validators);
      }
      const resumes = mayResume({ 'if-range': header }, validators);
      expectThat(!resumes || header === ETAG || header === validators.modified, 'a strong match');
      return true;
    },
  }),
  textTarget({
    name: 'paths of URLs',
    inputs: damagedText('a/b%20c/', 'x%2f..%2fy', '%E6%BC%A2', ''),
    judge(raw) {
      const path = parsePath(raw);
      if (path === undefined) return false;
      for (const name of path.names) {
        expectThat(
          name !== '' && name !== '..' && name !== '.' && !/[/\0]/.test(name),
          'plain names',
        );
      }
      if (path.names.some((name) => /\p{Cs}/u.test(name))) return false; // cannot be written in a URL
      expectSame(parsePath(formatPath(path.names))?.names, path.names, 'the path read again');
      return true;
    },
  }),
  textTarget({
    name: 'tickets',
    inputs: damagedText(TICKETS.issue({ names: ['a'], isArchive: false }, ETAG, 'd')),
    judge(text) {
      const read = TICKETS.read(text);
      if (read === undefined) return false;
      expectSame(read.what, { names: ['a'], isArchive: false }, 'what was signed');
      return true;
    },
  }),
  textTarget({
    name: 'headers of tus',
    inputs: damagedText(
      'filename d29ybGQ=,type dGV4dA==',
      'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
      `final;/uploads/${ID} http://x.onion/uploads/${ID.replace('0', '1')}`,
      '1048576',
    ),
    judge(header) {
      let taken = false;
      for (const read of [
        () => readMetadata(header),
        () => readChecksum(header),
        () => readConcat(header, '/uploads/'),
        () => readCount('Upload-Offset', header),
      ]) {
        try {
          read();
          taken = true;
        } catch (error) {
          if (!(error instanceof TusRefusal) || error.status !== 400) throw error;
        }
      }
      return taken;
    },
  }),
  textTarget({
    name: 'notes of uploads',
    inputs: damagedText(
      JSON.stringify({ length: 5, metadata: '', isPartial: false, expires: 1, received: [[0, 3]] }),
    ),
    judge(text) {
      const note = parseNote(text);
      if (note !== undefined) expectSame(parseNote(JSON.stringify(note)), note, 'the note');
      return true;
    },
  }),
  bytesTarget({
    name: 'forms',
    inputs: damagedBytes(utf8(FORM)),
    async judge(bytes) {
      const whole = await form([bytes]);
      expectSame(await form(pieces(bytes, 1)), whole, 'a form in pieces');
      return whole[0] !== 'refused';
    },
  }),
];

/** The parts, and why it ended early if it did. */
async function form(parts: readonly Bytes[]): Promise<unknown[]> {
  const socket = new Socket();
  const request = new IncomingMessage(socket);
  request.headers['content-type'] = 'multipart/form-data; boundary=b';
  for (const part of parts) request.push(Buffer.from(part));
  request.push(null);
  const seen: unknown[] = [];
  try {
    for await (const part of readForm(
      request,
      DEFAULT_INBOX_LIMITS,
      new AbortController().signal,
    )) {
      if (part.kind === 'field') {
        seen.push(part);
        continue;
      }
      const content: Buffer[] = [];
      for await (const chunk of part.content) content.push(chunk as Buffer); // a stream of bytes
      seen.push([part.name, Buffer.concat(content).toString('latin1')]);
    }
    return seen;
  } catch (error) {
    if (!(error instanceof UploadRefusal)) throw error;
    // How much of it was seen before depends on how it is cut.
    return ['refused', error.reason.kind];
  } finally {
    socket.destroy();
  }
}
