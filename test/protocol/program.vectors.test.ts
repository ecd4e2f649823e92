import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { DuplexChannel } from '../../src/relay/duplex-channel.js';
import { parseManifest } from '../support/parse-manifest.js';
import { socketPair } from '../support/socket-pair.js';
import context from '../vectors/context.json' with { type: 'json' };
import journal from '../vectors/journal.json' with { type: 'json' };
import manifest from '../vectors/manifest.json' with { type: 'json' };
import reconnecting from '../vectors/reconnecting.json' with { type: 'json' };
import http from '../vectors/relay-http.json' with { type: 'json' };
import streams from '../vectors/relay-streams.json' with { type: 'json' };
import { bytes, hex, pattern } from './bytes.js';
import { checkFrames } from './check-frames.js';
import { checkInvitations } from './check-invitations.js';
import { checkKeyAgreement } from './check-key-agreement.js';
import { checkMessages } from './check-messages.js';
import { checkRelay } from './check-relay.js';
import { code } from './code.js';
import { program } from './program-code.js';

const ONION = context.identities[0]?.onion ?? '';

checkInvitations(code);
checkKeyAgreement(code);
checkMessages(code, program.nodePrimitives.deflate, program.nodePrimitives.inflate);
checkRelay(code);

describe('sealed by node:crypto', () => checkFrames(code, program.nodeAead, 65_536));
describe('sealed by WebCrypto', () => checkFrames(code, code.webAead));

describe('the journal', () => {
  test.each(journal.records)('has the MAC of chunk $chunk', ({ chunk, contentBytes, mac }) => {
    const key = bytes(journal.key.key);
    expect(hex(program.chunkMac(key, chunk, pattern(contentBytes)))).toBe(mac);
  });
});

describe('the digest of a manifest', () => {
  test.each(manifest.cases)('$name', async ({ deflated, digest }) => {
    const decoded = await program.decodeManifest([bytes(deflated)], program.nodePrimitives);
    expect(decoded).toMatchObject({ digest });
  });
});

describe('paths of a manifest', () => {
  test.each(manifest.unsafePaths)('are refused: $name', ({ entries }) => {
    expect(() => program.localPaths(parseManifest({ kind: 'files', entries }), 'linux')).toThrow(
      expect.objectContaining({ code: 'ERR_HOSTILE_NAME' }),
    );
  });

  test.each(manifest.links)('a link at $path to $target is made: $made', (vector) => {
    expect(program.isContainedLink(vector.path, vector.target)).toBe(vector.made);
  });
});

describe('authorization', () => {
  test.each(http.authorization)('of $password', ({ user, password, header }) => {
    expect(code.formatAuthorization({ user, password })).toBe(header);
    expect(code.parseAuthorization(header)).toEqual({ user, password });
  });
});

describe('the stream port', () => {
  test.each(streams.hello)('is greeted: $name', ({ value, line }) => {
    const hello = v.parse(code.streamHelloSchema, value);
    expect(Buffer.from(code.encodeHello(hello)).toString()).toBe(line);
  });

  async function answerOf(line: string): Promise<unknown> {
    const [relay, client] = await socketPair();
    const channel = new code.AnsweredChannel(new DuplexChannel(client));
    relay.end(line);
    try {
      await channel.read();
      return undefined;
    } catch (error) {
      return error;
    } finally {
      channel.destroy();
      relay.destroy();
    }
  }

  test.each(streams.answers)('answers $line', async ({ line, code: wireCode }) => {
    const answer = await answerOf(line);
    if (wireCode === null) expect(answer).toBeUndefined();
    else
      expect(answer).toEqual(
        code.errorOf(v.parse(code.wireErrorSchema, JSON.parse(line)).error.code),
      );
  });

  test.each(streams.elsewhere)('is gone if another backend has the channel', async ({ line }) => {
    expect(await answerOf(line)).toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  test.each(streams.noAnswers)('is none if it answers %j', async (line) => {
    expect(await answerOf(line)).toMatchObject({ code: 'ERR_PROTOCOL' });
  });
});

describe('a recipient that has lost the sender', () => {
  const fresh = reconnecting.search.filter(({ answered, generation }) => answered === generation);

  test.each(fresh)('looks for it in $tried, after generation $generation', async (vector) => {
    const { generation, tried } = vector;
    const secret = bytes(reconnecting.channels[0]!.resumption);
    const joined: (string | undefined)[] = [];
    const ending = new AbortController();
    const nobody = {
      join: ({ channel }: { channel?: string }): Promise<never> => {
        joined.push(channel);
        return Promise.reject(code.errorOf('no-such-channel'));
      },
      channel: (): Promise<never> => Promise.reject(code.errorOf('no-such-channel')),
      dialStream: (): Promise<never> => Promise.reject(code.errorOf('no-peer')),
      openStream: (): Promise<never> => Promise.reject(code.errorOf('no-peer')),
      close: (): Promise<void> => Promise.resolve(),
      [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve(),
    };
    const search = program.searchSender({
      relay: nobody,
      primitives: program.nodePrimitives,
      onion: code.parseOnionAddress(ONION),
      curve: 'p256',
      resumption: secret,
      generation,
      // It has looked everywhere once.
      onWaiting: () => ending.abort(new Error('enough')),
    });
    await expect(search.meet({ signal: ending.signal })).rejects.toThrow('enough');
    expect(joined).toEqual(tried.map((each) => code.reconnectChannel(secret, each).name));
  });
});
