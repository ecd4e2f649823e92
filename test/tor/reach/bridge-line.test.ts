import { describe, expect, test } from 'vitest';
import { parseBridgeLine, parseBridgeLines } from '../../../src/tor/reach/bridge-line.js';

const FINGERPRINT = '0123456789abcdef0123456789ABCDEF01234567';
const OBFS4 = `obfs4 192.0.2.1:443 ${FINGERPRINT} cert=abc+/x iat-mode=0`;

describe('a bridge line', () => {
  test.each([
    [OBFS4, { line: OBFS4, transport: 'obfs4', address: '192.0.2.1:443' }],
    [`Bridge  ${OBFS4} `, { line: OBFS4, transport: 'obfs4', address: '192.0.2.1:443' }],
    [
      'webtunnel [2001:db8::1]:443 url=https://example.org/p#q ver=0.0.1',
      {
        line: 'webtunnel [2001:db8::1]:443 url=https://example.org/p#q ver=0.0.1',
        transport: 'webtunnel',
        address: '[2001:db8::1]:443',
      },
    ],
    [
      `192.0.2.1:9001 ${FINGERPRINT}`,
      { line: `192.0.2.1:9001 ${FINGERPRINT}`, transport: undefined, address: '192.0.2.1:9001' },
    ],
  ])('is taken in every form that tor knows: %s', (text, bridge) => {
    expect(parseBridgeLine(text)).toEqual(bridge);
  });

  test.each([
    ['obfs4 192.0.2.1:443\nControlPort 9051'],
    ['obfs4 192.0.2.1:443 cert=a\rDataDirectory /'],
    ['obfs4 example.org:443'],
    ['obfs4 192.0.2.1:0'],
    ['obfs4 192.0.2.1:65536'],
    ['obfs4 192.0.2.256:1'],
    ['obfs4 192.0.2.1:443 0123'],
    ['192.0.2.1:443 cert=a'],
    ['obfs4'],
    [''],
    [`obfs4 192.0.2.1:443 a=${'b'.repeat(5000)}`],
  ])('that is none, or could set something else, is refused and not repeated', (text) => {
    const refused = expect(() => parseBridgeLine(text));
    refused.toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
    refused.not.toThrow(/192\.0\.2|cert=/);
  });

  test('may have others below it in a file, with remarks and empty lines', () => {
    expect(parseBridgeLines(`# mine\r\n\r\n${OBFS4}\r\n  # more\n192.0.2.2:1\n`)).toHaveLength(2);
    expect(() => parseBridgeLines(`${OBFS4}\nobfs4 nowhere`)).toThrow(/^line 2: /);
  });
});
