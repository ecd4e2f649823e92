import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Bytes } from '../../../src/base/bytes.js';
import { DownloadFailure } from '../../../src/browser/downloading/download-failure.js';
import type { RangeSource } from '../../../src/browser/downloading/lane.js';
import {
  RangeDownload,
  type RangeDownloadOptions,
} from '../../../src/browser/downloading/range-download.js';
import { UNIT_BYTES } from '../../../src/pages/parallel/limits.js';
import { serving } from '../../pages/support/serving.js';

const UNITS = 40;
const CONTENT = randomBytes(UNITS * UNIT_BYTES - 1000);

/** Answers with these bytes, which end at `end` unless it breaks off. */
type Behaviour = (
  part: { readonly start: number; readonly end: number; readonly content: Buffer },
  response: ServerResponse,
) => Promise<void> | void;

const honest: Behaviour = ({ content }, response) => void response.end(content);
const never: Behaviour = () => undefined;

interface Served extends RangeSource {
  /** Bytes that were asked for */
  asked: number;
}

async function source(name: string, behave: Behaviour, content: Buffer = CONTENT): Promise<Served> {
  const port = await serving((request: IncomingMessage, response: ServerResponse) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const [start, end] = [Number(from), Number(to) + 1];
    served.asked += end - start;
    response.writeHead(206, { 'content-length': end - start });
    response.flushHeaders();
    void behave({ start, end, content: content.subarray(start, end) }, response);
  });
  const url = `http://127.0.0.1:${port}/ticket`;
  const served: Served = { name, asked: 0, request: () => ({ url, isOwn: false }) };
  return served;
}

function digestsOf(content: Buffer): Bytes {
  const units: Buffer[] = [];
  for (let at = 0; at < content.length; at += UNIT_BYTES) {
    units.push(
      createHash('sha256')
        .update(content.subarray(at, at + UNIT_BYTES))
        .digest(),
    );
  }
  return new Uint8Array(Buffer.concat(units));
}

function downloadFrom(
  sources: readonly RangeSource[],
  options: Partial<RangeDownloadOptions> = {},
): RangeDownload {
  const download = new RangeDownload(Object.assign(options, { bytes: CONTENT.length }));
  for (const one of sources) download.add(one);
  return download;
}

async function run(download: RangeDownload): Promise<Buffer> {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const blob = await download.run(ending.signal);
  return Buffer.from(await blob.arrayBuffer());
}

test('what several sources bring is put together, whichever is faster, and one may join later', async () => {
  const slow = await source('slow', async ({ content }, response) => {
    for (let at = 0; at < content.length && !response.destroyed; at += 50_000) {
      response.write(content.subarray(at, at + 50_000));
      await sleep(50);
    }
    response.end();
  });
  const fast = await source('fast', honest);
  const download = downloadFrom([slow], {
    onProgress: (bytes) => {
      if (bytes > 2 * UNIT_BYTES) download.add(fast);
    },
  });
  await download.verify(digestsOf(CONTENT));
  expect((await run(download)).equals(CONTENT)).toBe(true);
  expect(fast.asked).toBeGreaterThan(slow.asked);
});

test('sources that break, answer nothing, or send too little or too much cost only what they held', async () => {
  const sources = await Promise.all([
    source('breaks', ({ content }, response) => {
      response.write(content.subarray(0, content.length / 2), () => response.destroy());
    }),
    source('hangs', never),
    source('is refused', (_, response) => void response.destroy()),
    source('honest', honest),
  ]);
  const download = downloadFrom(sources);
  await download.verify(digestsOf(CONTENT));
  expect((await run(download)).equals(CONTENT)).toBe(true);
});

test('a unit that does not match its checksum is fetched again', async () => {
  let isDamaging = true;
  const damaging = await source('damaging', ({ content }, response) => {
    const copy = Buffer.from(content);
    if (isDamaging) copy[0] = (copy[0] ?? 0) ^ 1;
    isDamaging = false;
    response.end(copy);
  });
  const download = downloadFrom([damaging]);
  const whole = run(download);
  // They may come after what they are compared with.
  await download.verify(digestsOf(CONTENT));
  expect((await whole).equals(CONTENT)).toBe(true);
});

test('content that never matches its checksums ends the download', async () => {
  const download = downloadFrom([await source('other', honest, randomBytes(CONTENT.length))]);
  await download.verify(digestsOf(CONTENT));
  await expect(run(download)).rejects.toMatchObject({ kind: 'damaged' });
});

test('a source that says that the content has changed ends the download', async () => {
  const port = await serving((_, response) => void response.writeHead(412).end());
  const url = `http://127.0.0.1:${port}/ticket`;
  const changed: RangeSource = { name: 'changed', request: () => ({ url, isOwn: false }) };
  const download = downloadFrom([await source('hangs', never), changed]);
  await expect(run(download)).rejects.toMatchObject({ kind: 'changed' });
});

test('when nothing has come for long it ends, and goes on with what it has when it is run again', async () => {
  let left = 10;
  const tired = await source('tired', ({ content }, response) => {
    if (left-- > 0) response.end(content.subarray(0, UNIT_BYTES));
  });
  const progress: number[] = [];
  let lostMs = 1;
  const download = downloadFrom([tired], {
    get lostMs() {
      return lostMs;
    },
    onProgress: (bytes) => progress.push(bytes),
  });
  await download.verify(digestsOf(CONTENT));
  await expect(run(download)).rejects.toMatchObject({ kind: 'lost' });
  const [before = 0] = progress.splice(0).slice(-1);
  lostMs = 60_000;
  download.add(await source('honest', honest));
  expect((await run(download)).equals(CONTENT)).toBe(true);
  expect(before).toBeGreaterThan(0);
  expect(progress[0]).toBeGreaterThan(before);
});

test('a cancelled download ends with the reason, and asks for nothing more', async () => {
  const cancelling = new AbortController();
  const reason = new DownloadFailure('cancelled');
  let closed: () => void = () => undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const hanging = await source('hangs', (_, response) => {
    response.once('close', closed);
    cancelling.abort(reason);
  });
  await expect(downloadFrom([hanging]).run(cancelling.signal)).rejects.toBe(reason);
  await isClosed;
});
