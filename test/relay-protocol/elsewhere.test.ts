import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createIdentity } from '../../src/onion/identity.js';
import { HttpRelayClient } from '../../src/relay/client/http-relay-client.js';
import { elsewhereIn } from '../../src/relay-protocol/elsewhere.js';
import {
  CREDENTIALS,
  connected,
  keptAlive,
  listeningAt,
  nonce,
} from '../relay/support/running-relay.js';

const ONION = createIdentity().address;

function saying(onion: unknown): string {
  return JSON.stringify({ error: { code: 'elsewhere', onion } });
}

describe('where a reply leads', () => {
  test('is an onion address in its exact form', () => {
    expect(elsewhereIn(saying(ONION))).toBe(ONION);
  });

  test.each([
    ['a host', 'example.com'],
    ['upper case', ONION.toUpperCase()],
    ['an address without .onion', ONION.replace('.onion', '')],
    ['a scheme', `http://${ONION}`],
    ['a port', `${ONION}:8080`],
    ['a subdomain', `www.${ONION}`],
    ['white space', ` ${ONION}`],
    ['a wrong checksum', ONION.replace(/^./, (first) => (first === 'a' ? 'b' : 'a'))],
    ['a number', 7],
    ['nothing', undefined],
  ])('is never %s', (_what, onion) => {
    expect(elsewhereIn(saying(onion))).toBeUndefined();
  });

  test('is nowhere in other replies', () => {
    for (const text of ['', '{', '{}', '{"error":{"code":"internal"}}']) {
      expect(elsewhereIn(text)).toBeUndefined();
    }
    const more = JSON.stringify({ error: { code: 'elsewhere', onion: ONION, more: 1 } });
    expect(elsewhereIn(more)).toBeUndefined();
  });
});

describe('a relay that leads its clients', () => {
  /** Says at every address what `next` says. */
  async function lying(next: () => unknown): Promise<{ client: HttpRelayClient; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.host ?? '');
      request.resume();
      response.writeHead(421).end(saying(next()));
    });
    const path = await listeningAt(server);
    const client = new HttpRelayClient({
      host: 'relay.test',
      agent: keptAlive(path),
      dial: () => connected(path),
      credentials: CREDENTIALS,
    });
    onTestFinished(() => client.close());
    return { client, asked };
  }
  const join = { role: 'recipient', nonce: nonce(), channel: 'a-b' } as const;

  test('from one new address to the next is followed four times', async () => {
    const { client, asked } = await lying(() => createIdentity().address);
    await expect(client.join(join)).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
    expect(asked).toHaveLength(5);
    expect(new Set(asked).size).toBe(5);
  });

  test('to where they are is not followed', async () => {
    const { client, asked } = await lying(() => ONION);
    await expect(client.join(join)).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
    expect(asked).toEqual(['relay.test', ONION]);
  });

  test('to what is no onion address is no relay', async () => {
    const { client, asked } = await lying(() => 'example.com');
    await expect(client.join(join)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
    expect(asked).toEqual(['relay.test']);
  });
});
