import { setImmediate } from 'node:timers/promises';
import { parse as parseDisposition } from 'content-disposition';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ByteRange } from '../../../src/onion-http/content/conditions.js';
import {
  type Representation,
  serveRepresentation,
} from '../../../src/onion-http/content/representation.js';
import { ask, open, serving } from '../../pages/support/serving.js';

const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const ETAG = '"an-etag"';
const MODIFIED = new Date('2026-01-02T03:04:05Z');
const WRITTEN = 'Fri, 02 Jan 2026 03:04:05 GMT';

function representation(changes: Partial<Representation> = {}): Representation {
  return {
    size: CONTENT.length,
    etag: ETAG,
    modified: MODIFIED,
    type: 'application/octet-stream',
    name: 'a.bin',
    disposition: 'attachment',
    open: ({ start, end }) => pieces(CONTENT.subarray(start, end)),
    ...changes,
  };
}

async function* pieces(bytes: Uint8Array, length = 100): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) {
    await setImmediate();
    yield bytes.subarray(at, at + length);
  }
}

interface Served {
  readonly port: number;
  readonly delivered: ByteRange[];
  readonly failures: unknown[];
}

async function served(changes: Partial<Representation> = {}): Promise<Served> {
  const delivered: ByteRange[] = [];
  const failures: unknown[] = [];
  const port = await serving((request, response) => {
    const onDelivered = (part: ByteRange): void => void delivered.push(part);
    serveRepresentation(request, response, representation(changes), { onDelivered }).catch(
      (error: unknown) => failures.push(error),
    );
  });
  return { port, delivered, failures };
}

test('the whole is sent with everything that a browser needs to resume it later', async () => {
  const { port, delivered } = await served();
  const reply = await ask(port, '/');
  expect([reply.status, reply.whole, reply.body]).toEqual([200, true, CONTENT]);
  expect(reply.headers).toMatchObject({
    'accept-ranges': 'bytes',
    'content-length': '1000',
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename=a.bin',
    'content-security-policy': "default-src 'none'; sandbox",
    'last-modified': WRITTEN,
    'x-content-type-options': 'nosniff',
    etag: ETAG,
  });
  expect(delivered[0]?.start).toBe(0);
  expect(delivered.at(-1)?.end).toBe(1000);
});

test('HEAD tells the same and sends nothing, whatever range it names', async () => {
  const { port, delivered } = await served();
  const headers = { range: 'bytes=5-9' };
  const reply = await ask(port, '/', { method: 'HEAD', headers });
  expect([reply.status, reply.headers['content-length'], reply.body.length]).toEqual([
    200,
    '1000',
    0,
  ]);
  expect(delivered).toEqual([]);
});

test('a representation of no bytes is delivered when its head is', async () => {
  const { port, delivered } = await served({ size: 0 });
  const reply = await ask(port, '/');
  expect([reply.status, reply.headers['content-length'], reply.whole]).toEqual([200, '0', true]);
  expect(delivered).toEqual([{ start: 0, end: 0 }]);
});

test('any single range is that slice of the whole', async () => {
  const { port } = await served();
  const position = fc.nat({ max: 1200 });
  const header = fc.oneof(
    fc.tuple(position, position).map(([a, b]) => `bytes=${Math.min(a, b)}-${Math.max(a, b)}`),
    position.map((first) => `bytes=${first}-`),
    position.map((length) => `bytes=-${length}`),
  );
  await fc.assert(
    fc.asyncProperty(header, async (range) => {
      const reply = await ask(port, '/', { headers: { range } });
      const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
      const start = first === '' ? Math.max(0, 1000 - Number(last)) : Number(first);
      const end = first === '' || last === '' ? 1000 : Math.min(1000, Number(last) + 1);
      if (start >= end) {
        expect([reply.status, reply.headers['content-range'], reply.body.length]).toEqual([
          416,
          'bytes */1000',
          0,
        ]);
      } else {
        expect([reply.status, reply.headers['content-range'], reply.whole]).toEqual([
          206,
          `bytes ${start}-${end - 1}/1000`,
          true,
        ]);
        expect(reply.body).toEqual(CONTENT.subarray(start, end));
      }
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['several ranges', 'bytes=0-1,5-6'],
  ['another unit', 'lines=0-1'],
  ['no number', 'bytes=a-b'],
  ['a negative start', 'bytes=--5'],
  ['nothing', 'bytes='],
  ['no unit', '0-5'],
])('a Range header with %s is answered with the whole', async (_name, range) => {
  const { port } = await served();
  const reply = await ask(port, '/', { headers: { range } });
  expect([reply.status, reply.body.length]).toEqual([200, 1000]);
});

test.each([
  ['the end', 'bytes=1000-'],
  ['beyond the end', 'bytes=5000-6000'],
  ['backwards', 'bytes=9-5'],
  ['the last no bytes', 'bytes=-0'],
  ['a number beyond all numbers', `bytes=${'9'.repeat(400)}-`],
])('a range that is %s cannot be satisfied, and the size is told', async (_name, range) => {
  const { port } = await served();
  const reply = await ask(port, '/', { headers: { range } });
  expect([reply.status, reply.headers['content-range']]).toEqual([416, 'bytes */1000']);
});

test.each<[string, Record<string, string>, number]>([
  ['If-Range with the tag', { range: 'bytes=9-', 'if-range': ETAG }, 206],
  ['If-Range with another tag', { range: 'bytes=9-', 'if-range': '"b"' }, 200],
  ['If-Range with a weak tag', { range: 'bytes=9-', 'if-range': `W/${ETAG}` }, 200],
  ['If-Range with the date', { range: 'bytes=9-', 'if-range': WRITTEN }, 206],
  [
    'If-Range with a later date',
    { range: 'bytes=9-', 'if-range': 'Fri, 02 Jan 2026 03:04:06 GMT' },
    200,
  ],
  ['If-Range with another tag, unsatisfiable', { range: 'bytes=9999-', 'if-range': '"b"' }, 200],
  ['If-None-Match with the tag', { 'if-none-match': ETAG }, 304],
  ['If-None-Match with it weakly, among others', { 'if-none-match': `"b", W/${ETAG}` }, 304],
  ['If-None-Match with any', { 'if-none-match': '*' }, 304],
  ['If-None-Match with another', { 'if-none-match': '"b"' }, 200],
  [
    'If-None-Match with another and the date',
    { 'if-none-match': '"b"', 'if-modified-since': WRITTEN },
    200,
  ],
  ['If-Modified-Since with the date', { 'if-modified-since': WRITTEN }, 304],
  [
    'If-Modified-Since with an earlier one',
    { 'if-modified-since': 'Thu, 01 Jan 2026 03:04:05 GMT' },
    200,
  ],
  ['If-Modified-Since with none', { 'if-modified-since': 'yesterday' }, 200],
  ['If-Match with the tag', { 'if-match': `"b", ${ETAG}`, range: 'bytes=9-' }, 206],
  ['If-Match with any', { 'if-match': '*' }, 200],
  ['If-Match with it weakly', { 'if-match': `W/${ETAG}` }, 412],
  ['If-Match with another', { 'if-match': '"b"', range: 'bytes=9-' }, 412],
  [
    'If-Match with the tag and an early date',
    { 'if-match': ETAG, 'if-unmodified-since': 'Thu, 01 Jan 2026 03:04:05 GMT' },
    200,
  ],
  ['If-Unmodified-Since with the date', { 'if-unmodified-since': WRITTEN }, 200],
  [
    'If-Unmodified-Since with an earlier one',
    { 'if-unmodified-since': 'Thu, 01 Jan 2026 03:04:05 GMT' },
    412,
  ],
  ['If-Unmodified-Since with none', { 'if-unmodified-since': 'yesterday' }, 200],
])('%s', async (_name, headers, status) => {
  const { port, delivered } = await served();
  const reply = await ask(port, '/', { headers });
  expect(reply.status).toBe(status);
  if (status === 304 || status === 412) {
    expect([reply.body.length, delivered.length]).toEqual([0, 0]);
  }
  if (status === 304) expect(reply.headers.etag).toBe(ETAG);
});

test.each([
  'report.pdf',
  'Bericht über Äpfel.txt',
  '報告書.pdf',
  'отчёт 100%.doc',
  'a"b\\c;d=e.txt',
  '🦀.rs',
  'line\nfeed\r\nX-Evil: 1.txt',
  "it's %41.txt",
])('the name %j comes through in Content-Disposition', async (name) => {
  const { port } = await served({ name });
  const { headers } = await ask(port, '/');
  const disposition = parseDisposition(headers['content-disposition'] ?? '');
  expect([disposition.type, disposition.parameters['filename']]).toEqual(['attachment', name]);
  expect(headers['x-evil']).toBeUndefined();
});

test('a time to come is not told', async () => {
  const { port } = await served({ modified: new Date(Date.now() + 3_600_000) });
  const { headers } = await ask(port, '/');
  expect([headers['last-modified'], headers.etag]).toEqual([undefined, ETAG]);
});

test.each<[string, (range: ByteRange) => AsyncIterable<Uint8Array>]>([
  ['fails', () => failing(500)],
  ['ends early', () => pieces(CONTENT.subarray(0, 999))],
  ['is too long', () => pieces(Buffer.concat([CONTENT, CONTENT]), 300)],
])('a reply whose content %s is cut before its length', async (_name, content) => {
  const { port, delivered, failures } = await served({ open: content });
  const reply = await ask(port, '/');
  expect([reply.status, reply.headers['content-length'], reply.whole]).toEqual([
    200,
    '1000',
    false,
  ]);
  expect(failures).toHaveLength(1);
  expect(delivered.every(({ end }) => end <= 1000)).toBe(true);
});

async function* failing(after: number): AsyncGenerator<Uint8Array> {
  yield* pieces(CONTENT.subarray(0, after));
  throw new Error('vanished');
}

test('what a client that goes away did not take is not counted, and its content is closed', async () => {
  const size = 64 * 1024 * 1024;
  let closed: (() => void) | undefined;
  const over = new Promise<void>((resolve) => {
    closed = resolve;
  });
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < size; at += 65_536) {
        await setImmediate();
        yield Buffer.alloc(65_536);
      }
    } finally {
      closed?.();
    }
  }
  const { port, delivered, failures } = await served({ size, open: endless });
  const response = await open(port, '/');
  response.destroy();
  await over;
  expect(delivered.at(-1)?.end ?? 0).toBeLessThan(size);
  expect(failures).toEqual([]);
});

test('a signal cuts replies that run', async () => {
  const size = 64 * 1024 * 1024;
  const ending = new AbortController();
  const port = await serving((request, response) => {
    const content = representation({ size, open: () => pieces(Buffer.alloc(size), 65_536) });
    void serveRepresentation(request, response, content, { signal: ending.signal });
  });
  const response = await open(port, '/');
  const closed = new Promise((resolve) => response.once('close', resolve));
  response.on('error', () => undefined);
  ending.abort();
  response.resume();
  await closed;
  expect(response.complete).toBe(false);
});
