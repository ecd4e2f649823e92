import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import type { RetryOptions } from '../../../src/tor/dial/dial-with-retries.js';
import { OnionAgent } from '../../../src/tor/dial/onion-agent.js';
import { type SocksServer, socksReply, startSocksServer } from '../support/socks-server.js';

const { address: onion } = createIdentity();

describe('the agent for http', () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

  /** Takes requests on a connection that stays open. */
  function serveHttp(): Promise<SocksServer> {
    return startSocksServer((socket) => {
      socket.write(socksReply(0));
      socket.on('data', () => socket.write(answer));
    });
  }

  async function fetch(agent: OnionAgent, host: string = onion): Promise<string> {
    const [response] = (await once(get({ host, path: '/', agent }), 'response')) as [
      IncomingMessage,
    ];
    return await text(response);
  }

  test('keeps one connection open from request to request', async () => {
    await using server = await serveHttp();
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b' });
    for (let i = 0; i < 3; i++) expect(await fetch(agent)).toBe('hi');
    expect(server.asked).toEqual([`b@${onion}:80`]);
    agent.destroy();
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  test('sends the first request with the dial, and the others when they are made', async () => {
    await using server = await serveHttp();
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b' });
    for (let i = 0; i < 3; i++) expect(await fetch(agent)).toBe('hi');
    expect(server.early).toEqual([expect.stringMatching(/^GET \/ HTTP\/1\.1\r\n.*\r\n\r\n$/s)]);
    agent.destroy();
  });

  test('sends it again with each retry of the dial', async () => {
    await using server = await startSocksServer((socket) => {
      if (server.asked.length < 3) socket.end(socksReply(0xf0));
      else {
        socket.write(socksReply(0));
        socket.on('data', () => socket.write(answer));
      }
    });
    const retry = (): RetryOptions => ({ overallMs: 60_000 });
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b', retry });
    expect(await fetch(agent)).toBe('hi');
    const [first, ...others] = server.early;
    expect(first).toMatch(/^GET/);
    expect(others).toEqual([first, first]);
    agent.destroy();
  });

  test('carries bodies of any size both ways', async () => {
    await using server = await startSocksServer((socket) => {
      let size = 0;
      let length = Infinity;
      socket.write(socksReply(0));
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1');
        const head = text.indexOf('\r\n\r\n');
        if (length === Infinity) {
          length = Number(/content-length: (\d+)/i.exec(text)?.[1]) + head + 4;
        }
        size += chunk.length;
        if (size < length) return;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n');
        socket.end(Buffer.alloc(3_000_000, 'b'));
      });
    });
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b' });
    const asked = request({ host: onion, method: 'POST', agent });
    asked.end(Buffer.alloc(2_000_000, 'a'));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('b'.repeat(3_000_000));
    agent.destroy();
  });

  test('reads a reply that ends its connection in full, however late', async () => {
    await using server = await startSocksServer((socket) => {
      socket.write(socksReply(0));
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 75000\r\nConnection: close\r\n\r\n');
        socket.end(Buffer.alloc(75_000, 'b'));
      });
    });
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b' });
    const [response] = (await once(get({ host: onion, agent }), 'response')) as [IncomingMessage];
    await expect.poll(() => server.sockets.size).toBe(0);
    expect(await text(response)).toBe('b'.repeat(75_000));
    agent.destroy();
  });

  test('does not reuse a connection that the other side has closed', async () => {
    await using server = await serveHttp();
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b' });
    expect(await fetch(agent)).toBe('hi');
    for (const socket of server.sockets) socket.end();
    await expect.poll(() => Object.keys(agent.freeSockets)).toEqual([]);
    expect(await fetch(agent)).toBe('hi');
    expect(server.asked).toHaveLength(2);
    agent.destroy();
  });

  test("reports tor's reason as the request's error", async () => {
    await using server = await startSocksServer((socket) => socket.end(socksReply(0xf0)));
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b' });
    await expect(fetch(agent)).rejects.toMatchObject({ code: 'ERR_ONION_NOT_FOUND' });
  });

  test('dials only onions', async () => {
    await using server = await serveHttp();
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b' });
    await expect(fetch(agent, 'example.org')).rejects.toMatchObject({ code: 'ERR_ONION_ADDRESS' });
    expect(server.asked).toEqual([]);
  });

  test('ends its dial when the request is destroyed, and when it is destroyed itself', async () => {
    await using server = await startSocksServer(() => undefined);
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b' });
    for (const end of ['request', 'agent']) {
      const request = get({ host: onion, agent });
      const failed = once(request, 'error').then(
        () => undefined,
        () => undefined,
      );
      request.on('error', () => undefined);
      await expect.poll(() => server.sockets.size).toBe(1);
      if (end === 'request') request.destroy();
      else agent.destroy();
      await expect.poll(() => server.sockets.size).toBe(0);
      await failed;
    }
  });

  test('ends its dial when its signal aborts', async () => {
    await using server = await startSocksServer(() => undefined);
    const abort = new AbortController();
    const agent = new OnionAgent({ socks: server.socks, isolation: 'b', signal: abort.signal });
    const fetched = fetch(agent);
    await expect.poll(() => server.sockets.size).toBe(1);
    abort.abort(new Error('enough'));
    await expect(fetched).rejects.toThrow('enough');
    await expect.poll(() => server.sockets.size).toBe(0);
  });
});
