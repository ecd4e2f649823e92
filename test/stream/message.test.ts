import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '../../src/base/bytes.js';
import { hasCode } from '../../src/base/errors.js';
import { FRAME_CONTENT_BYTES, FRAME_PLAINTEXT_MAX_BYTES } from '../../src/stream/frame.js';
import { decodeMessage, encodeMessage, type Message } from '../../src/stream/message.js';
import { RANGE_BYTES, type Range, Ranges } from '../../src/stream/ranges.js';

const messages: Message[] = [
  { frame: 'control', control: { type: 'manifest-request' } },
  { frame: 'control', control: { type: 'accept', manifest: 'A'.repeat(43) } },
  { frame: 'control', control: { type: 'open-streams', streams: [1, 4095] } },
  { frame: 'control', control: { type: 'ack', frames: 0 } },
  { frame: 'control', control: { type: 'stream-limit', streams: 8 } },
  {
    frame: 'control',
    control: {
      type: 'resend',
      ranges: [
        [0, 1],
        [5, 9],
      ],
    },
  },
  { frame: 'control', control: { type: 'keepalive' } },
  { frame: 'control', control: { type: 'content-end', total: Number.MAX_SAFE_INTEGER } },
  { frame: 'control', control: { type: 'receipt', bytes: 5, files: 1 } },
  { frame: 'control', control: { type: 'receipt-ack' } },
  { frame: 'control', control: { type: 'abort', reason: 'destination-full' } },
  { frame: 'control', control: { type: 'away', reason: 'disk-full' } },
  { frame: 'manifest', part: utf8('{}'), last: true },
  { frame: 'manifest', part: utf8(''), last: false },
  {
    frame: 'have',
    ranges: new Ranges([
      [0, 1],
      [5, 9],
    ]),
  },
  { frame: 'have', ranges: new Ranges() },
  { frame: 'data', position: Number.MAX_SAFE_INTEGER, content: utf8('x') },
];

const malformed: unknown = expect.objectContaining({ code: 'ERR_PROTOCOL' });

describe('messages', () => {
  test.each(messages)('survive encoding: %o', (message) => {
    const decoded = decodeMessage(encodeMessage(message));
    if (message.frame === 'have' && decoded.frame === 'have') {
      expect([...decoded.ranges]).toEqual([...message.ranges]);
    } else expect(decoded).toEqual(message);
  });

  test.each([
    ['nothing at all', new Uint8Array()],
    ['an unknown frame type', new Uint8Array([9, 1])],
    ['a manifest part without its flag', new Uint8Array([1])],
    ['a manifest part with another flag', new Uint8Array([1, 2])],
    ['data without content', new Uint8Array(9).fill(0).map((_, i) => (i === 0 ? 2 : 0))],
    ['data without its whole position', new Uint8Array([2, 0, 0])],
    ['data beyond what numbers hold', concat(new Uint8Array([2]), new Uint8Array(9).fill(255))],
    ['control that is not JSON', concat(new Uint8Array([0]), utf8('{'))],
    ['control that is not UTF-8', new Uint8Array([0, 0xff])],
    ['an unknown control', concat(new Uint8Array([0]), utf8('{"type":"explode"}'))],
    ['an extra field', concat(new Uint8Array([0]), utf8('{"type":"accept","more":1}'))],
    ['a negative count', concat(new Uint8Array([0]), utf8('{"type":"received","bytes":-1}'))],
    [
      'nothing to send again',
      concat(new Uint8Array([0]), utf8('{"type":"resend","ranges":[[5,5]]}')),
    ],
    ['a fraction', concat(new Uint8Array([0]), utf8('{"type":"end","total":1.5}'))],
    ['control that is too long', concat(new Uint8Array([0]), utf8(' '.repeat(5000)))],
  ])('are refused: %s', (_, bytes) => {
    expect(() => decodeMessage(bytes)).toThrow(malformed);
  });

  test('hold as much content as a frame, and no more', () => {
    const content = new Uint8Array(FRAME_CONTENT_BYTES);
    const full = encodeMessage({ frame: 'data', position: 0, content });
    expect(full).toHaveLength(FRAME_PLAINTEXT_MAX_BYTES);
    expect(decodeMessage(full)).toMatchObject({ content });
    const fuller = encodeMessage({
      frame: 'data',
      position: 0,
      content: concat(content, utf8('x')),
    });
    expect(() => decodeMessage(fuller)).toThrow(malformed);
  });

  test('say of what is there as much as a frame holds', () => {
    const most = FRAME_CONTENT_BYTES / RANGE_BYTES;
    const ranges = Array.from({ length: most + 1 }, (_, i): Range => [3 * i, 3 * i + (i ? 2 : 1)]);
    const have = encodeMessage({ frame: 'have', ranges: new Ranges(ranges) });
    expect(have).toHaveLength(1 + FRAME_CONTENT_BYTES);
    const decoded = decodeMessage(have);
    // The shortest is left out.
    expect(decoded.frame === 'have' && decoded.ranges).toMatchObject({
      count: most,
      bytes: 2 * most,
    });
  });

  test('that control may be 4 KiB long, and whoever looks for it finds what is wrong with one', () => {
    const json = '{"type":"keepalive"}';
    const longest = concat(new Uint8Array([0]), utf8(json.padEnd(4096)));
    expect(decodeMessage(longest)).toEqual({ frame: 'control', control: { type: 'keepalive' } });
    const longer = concat(new Uint8Array([0]), utf8(json.padEnd(4097)));
    expect(() => decodeMessage(longer)).toThrow(malformed);
    expect(() => decodeMessage(concat(new Uint8Array([0]), utf8('{')))).toThrow(
      expect.objectContaining({ cause: expect.any(SyntaxError) as unknown }),
    );
  });

  test('never fail with anything but ERR_PROTOCOL', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeMessage(Uint8Array.from(bytes));
        } catch (error) {
          expect(hasCode(error, 'ERR_PROTOCOL')).toBe(true);
        }
      }),
    );
  });
});
