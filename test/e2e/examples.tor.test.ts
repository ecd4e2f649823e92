import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  type OfferEvent,
  type OnlineEvent,
  type Option,
  openTor,
  receive,
  type SharedTor,
  send,
  serve,
  share,
  type Verb,
  withCircuits,
  withDataDir,
  withEphemeral,
  withMiddleware,
  withOutput,
  withTor,
} from 'onionferry';
import { describe, expect, inject } from 'vitest';
import { sendUntil } from '../../examples/abort.js';
import { sendOverOwnRelay } from '../../examples/embedded-relay.js';
import { accessLog, ownApi } from '../../examples/middleware.js';
import { fewPictures, receivePictures } from '../../examples/own-accept.js';
import { guestBook } from '../../examples/page.js';
import { receiveWithProgress } from '../../examples/progress.js';
import { receiveOrResume } from '../../examples/resume.js';
import { sendTextOver } from '../../examples/running-tor.js';
import { receiveUnpacked, sendCompressed } from '../../examples/stream.js';
import { sendAndCollect } from '../../examples/two-at-once.js';
import { formatAuthorization } from '../../src/base/authorization.js';
import { OnionAgent } from '../../src/tor/dial/onion-agent.js';
import { hashOf, sha256 } from '../support/carry.js';
import { test as base, openStage, type Stage } from '../support/stage.js';

/** One tor for all of them. */
const test = base.extend<{ shared: SharedTor }>({
  shared: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      const home = withDataDir(stage.home());
      await using tor = await openTor(home, withTor({ torrc: inject('torrc') }));
      await use(tor);
    },
    { scope: 'file' },
  ],
});

type Both = Exclude<Verb, 'installTor' | 'identities'>;

/** What one side is given: its own data, and the tor of all. */
function side(stage: Stage, shared: SharedTor): [Option, Option<Both>] {
  return [withDataDir(stage.home()), withTor({ shared })];
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

/** Asks over Tor, as a browser does that knows the password. */
async function ask(where: OnlineEvent, path: string, form?: string): Promise<Reply> {
  const agent = new OnionAgent({
    socks: { kind: 'tcp', host: '127.0.0.1', port: inject('socksPort') },
    isolation: 'examples',
  });
  try {
    return await new Promise<Reply>((resolve, reject) => {
      const headers = {
        authorization: formatAuthorization(where),
        ...(form !== undefined && {
          origin: `http://${where.onion}`,
          'content-length': Buffer.byteLength(form),
        }),
      };
      const method = form === undefined ? 'GET' : 'POST';
      request({ agent, host: where.onion, path, method, headers }, (reply) => {
        const { statusCode: status = 0, headers } = reply;
        const { location } = headers;
        text(reply).then((body) => resolve({ status, body, location }), reject);
      })
        .on('error', reject)
        .end(form);
    });
  } finally {
    agent.destroy();
  }
}

describe.concurrent('the example', () => {
  test('of a stream packs on one side and unpacks on the other', async ({ stage, shared }) => {
    const content = 'again and '.repeat(100_000);
    const file = await stage.file('log', content);
    await using sending = sendCompressed(file, ...side(stage, shared), withEphemeral());
    const { invitation } = await sending.online;
    const output = new PassThrough();
    const received = text(output);
    await receiveUnpacked(invitation, output, ...side(stage, shared));
    output.end();
    expect((await sending.done).bytes).toBeLessThan(content.length / 10);
    expect(sha256(Buffer.from(await received))).toBe(sha256(Buffer.from(content)));
  });

  test('of progress says how much of a web stream has arrived', async ({ stage, shared }) => {
    const content = randomBytes(300_000);
    const what = { stream: new Blob([content]).stream(), name: 'blob', size: content.length };
    await using sending = send(what, ...side(stage, shared), withEphemeral());
    const lines: string[] = [];
    const { invitation } = await sending.online;
    const say = (line: string): void => void lines.push(line);
    const to = stage.at('to');
    const summary = await receiveWithProgress(invitation, to, say, ...side(stage, shared));
    expect(summary).toMatchObject({ bytes: content.length, files: 1 });
    expect(lines.join('\n')).toMatch(/^300000 of 300000 bytes over \d+ circuits$/m);
    expect(lines.at(-1)).toBe(`received blob, SHA-256 ${sha256(content)}`);
    await sending.done;
  });

  test('of a running tor sends a text, which is part of the result', async ({ stage, shared }) => {
    const running = {
      control: inject('browserControl'),
      socks: `127.0.0.1:${inject('socksPort')}`,
    };
    await using sending = sendTextOver(running, 'grüße', withDataDir(stage.home()));
    const { invitation } = await sending.online;
    const summary = await receive(invitation, ...side(stage, shared)).done;
    expect(summary.text).toBe('grüße');
    await sending.done;
  });

  test('of an abort knows why it ended', async ({ stage, shared }) => {
    const ending = new AbortController();
    const file = await stage.file('file', 'content');
    const say = (): void => ending.abort(new Error('it is late'));
    const own = [...side(stage, shared), withEphemeral()];
    expect(await sendUntil(ending.signal, [file], say, ...own)).toBe('ended: it is late');
  });

  test('of two at once serves both, and a picture to one that takes only those', async ({
    stage,
    shared,
  }) => {
    const torrc = withTor({ torrc: inject('torrc') });
    const home = withDataDir(stage.home());
    const picture = await stage.file('picture.png', 'not really');
    await using both = await sendAndCollect(picture, stage.at('inbox'), [home, torrc], home);
    expect((await ask(both.inbox, '/')).status).toBe(200);
    const to = stage.at('to');
    await receivePictures(both.sending.invitation, to, ...side(stage, shared));
    expect(await readFile(stage.at('to', 'picture.png'), 'utf8')).toBe('not really');
    const offer: OfferEvent = {
      ...{ event: 'offer', kind: 'files', names: ['picture.png'], files: 1, bytes: 10 },
    };
    const { signal } = new AbortController();
    expect(fewPictures(offer, signal)).toBe(true);
    expect(fewPictures({ ...offer, names: ['picture.png', 'program.exe'] }, signal)).toBe(false);
    expect(fewPictures({ ...offer, bytes: null }, signal)).toBe(false);
  });

  test('of an embedded relay sends over it', async ({ stage, shared }) => {
    const file = await stage.file('file', 'content');
    await using running = await sendOverOwnRelay(file, ...side(stage, shared));
    const { onion, invitation } = await running.sending.online;
    expect(onion).toBe(running.relay.onion);
    await receive(invitation, withOutput(stage.at('to')), ...side(stage, shared)).done;
    await running.sending.done;
    expect(await readFile(stage.at('to', 'file'), 'utf8')).toBe('content');
  });

  test('of resuming goes on after the first run was suspended', async ({ stage, shared }) => {
    const file = await stage.file('file', randomBytes(16_000_000));
    await using sending = send([file], ...side(stage, shared), withEphemeral(), withCircuits(1));
    const own = side(stage, shared);
    const { invitation } = await sending.online;
    const first = receive(invitation, withOutput(stage.at('to')), withCircuits(1), ...own);
    for await (const { event } of first) {
      if (event === 'progress') break;
    }
    await first.suspend();
    await expect(first.done).rejects.toMatchObject({ code: 'ERR_SUSPENDED' });
    await receiveOrResume('not looked at', stage.at('to'), ...own);
    expect(await hashOf(stage.at('to', 'file'))).toBe(await hashOf(file));
    await sending.done;
  });

  test('of an API answers beside a share, and is logged without names', async ({
    stage,
    shared,
  }) => {
    const lines: string[] = [];
    await using sharing = share(
      [await stage.file('secret', 'content')],
      ...side(stage, shared),
      withEphemeral(),
      withMiddleware(
        accessLog((line) => lines.push(line)),
        ownApi({ status: () => ({ downloads: 0 }) }),
      ),
    );
    const where = await sharing.online;
    expect(await ask(where, '/api/status')).toMatchObject({ status: 200, body: '{"downloads":0}' });
    expect((await ask(where, '/api/constructor')).status).toBe(404);
    expect((await ask(where, '/files/secret')).body).toBe('content');
    expect(lines.map((line) => line.split(' ')[2])).toEqual(['200', '404', '200']);
  });

  test('of a page takes an entry, and shows it as text', async ({ stage, shared }) => {
    await using serving = serve(guestBook(), ...side(stage, shared), withEphemeral());
    const where = await serving.online;
    expect(await ask(where, '/', 'entry=<b>hello')).toMatchObject({ status: 303, location: '/' });
    expect((await ask(where, '/')).body).toContain('<li>&#60;b&#62;hello</li>');
    expect((await ask(where, '/', `entry=${'x'.repeat(1_000)}`)).status).toBe(413);
  });
});
