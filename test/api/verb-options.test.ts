import { Readable } from 'node:stream';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as ofContent from '../../src/api/content-options.js';
import * as ofInbox from '../../src/api/inbox-options.js';
import * as every from '../../src/api/options.js';
import * as ofPages from '../../src/api/page-options.js';
import * as ofReceiving from '../../src/api/receive-options.js';
import * as ofRelay from '../../src/api/relay-options.js';
import type { Option, Settings, Verb } from '../../src/api/settings.js';
import { settingsFor, USES, whereItApplies } from '../../src/api/verb-options.js';
import { createFerry } from '../../src/api/verbs/create-ferry.js';
import { receive } from '../../src/api/verbs/receive.js';
import { send } from '../../src/api/verbs/send.js';
import { serve } from '../../src/api/verbs/serve.js';
import { share } from '../../src/api/verbs/share.js';
import { site } from '../../src/api/verbs/site.js';

const options = { ...every, ...ofContent, ...ofPages, ...ofInbox, ...ofReceiving, ...ofRelay };
const pages = { share: true, inbox: true, site: true, serve: true } as const;
const services = { ...pages, relay: true } as const;
const receiving = { receive: true, resumeReceive: true } as const;
const transfers = { send: true, resumeSend: true, ...receiving, share: true } as const;
const withTor = { ...transfers, ...services, demo: true, doctor: true, openTor: true } as const;
const running = { ...withTor, installTor: true } as const;
const everywhere = { ...running, identities: true } as const;

/** @param verbs what the type of the option names; the compiler sees whether one is missing */
function typed<Of extends Verb>(
  setting: keyof Settings,
  _: (...given: never[]) => Option<Of>,
  verbs: Readonly<Record<Of, true>>,
): [keyof Settings, string[]] {
  return [setting, Object.keys(verbs)];
}

/** As a caller without TypeScript may call it. */
function untyped(call: (...given: never[]) => unknown): (...given: unknown[]) => unknown {
  return (...given) => Reflect.apply(call, undefined, given) as unknown;
}

const usage = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringMatching(message) as string });

describe('an option', () => {
  test.each([
    typed('dataDir', options.withDataDir, everywhere),
    typed('identity', options.withIdentity, { send: true, ...services, identities: true }),
    typed('identity', options.withEphemeral, { send: true, ...services, identities: true }),
    typed('tor', options.withTor, withTor),
    typed('relay', options.withRelay, { send: true, receive: true }),
    typed('password', options.withPassword, { send: true, receive: true, ...services }),
    typed('user', options.withUser, { ...pages, receive: true }),
    typed('allowsWeakPassword', options.withWeakPassword, { send: true, ...services }),
    typed('anotherPassword', options.withAnotherPassword, { receive: true }),
    typed('outputName', options.withOutputName, receiving),
    typed('throttle', options.withThrottle, { send: true, resumeSend: true, ...receiving }),
    typed('encryptTo', options.withEncryption, { inbox: true }),
    typed('uploadCheck', options.withUploadCheck, { inbox: true }),
    typed('purgeAfterMs', options.withPurgeAfter, { inbox: true }),
    typed('tellsNames', options.withoutNames, { inbox: true }),
    typed('backends', options.withBackends, { relay: true }),
    typed('singleAddress', options.withSingleAddress, {
      ...{ send: true, resumeSend: true, share: true, inbox: true },
    }),
    typed('isPrivate', options.withPrivate, { send: true, ...services }),
    typed('clientKey', options.withClientKey, { send: true, ...receiving }),
    typed('curve', options.withCurve, { send: true, receive: true, share: true }),
    typed('signal', options.withSignal, running),
    typed('logger', options.withLogger, everywhere),
    typed('expiryMs', options.withExpiry, { send: true, ...services }),
    typed('downloadLimit', options.withDownloadLimit, { share: true }),
    typed('policy', options.withPolicy, { site: true }),
    typed('inboxBounds', options.withInboxBounds, { inbox: true }),
    typed('kinds', options.withKinds, { inbox: true }),
    typed('middleware', options.withMiddleware, services),
    typed('drain', options.withDrain, services),
    typed('keep', options.withKeep, { send: true }),
    typed('browserLink', options.withBrowserLink, { send: true }),
    typed('exclude', options.withExclude, { send: true, share: true }),
    typed('exclude', options.withGitIgnore, { send: true, share: true }),
    typed('skipUnreadable', options.withSkipUnreadable, { send: true }),
    typed('mayGrow', options.withGrowing, { send: true, share: true }),
    typed('xattrs', options.withXattrs, { send: true, ...receiving }),
    typed('only', options.withOnly, receiving),
    typed('output', options.withOutput, receiving),
    typed('output', options.withOutputStream, receiving),
    typed('conflict', options.withConflict, receiving),
    typed('accept', options.withAccept, receiving),
    typed('circuits', options.withCircuits, transfers),
    typed('stallMaxMs', options.withStallLimit, transfers),
  ])('that sets %s is typed for the calls that read it', (setting, verbs) => {
    expect(new Set(USES[setting].verbs)).toEqual(new Set(verbs));
  });

  test('for all calls does for one, and not the other way round', () => {
    expectTypeOf<Option>().toExtend<Option<'send'>>();
    expectTypeOf<Option<'send' | 'share'>>().toExtend<Option<'send'>>();
    expectTypeOf<Option<'receive'>>().not.toExtend<Option<'send'>>();
    expectTypeOf<Option<'send'>>().not.toExtend<Option<'send' | 'share'>>();
  });

  test.each<[string, () => unknown]>([
    [
      'withOutput or withOutputStream means nothing to send()',
      () => settingsFor('send', [options.withOutput('here')]),
    ],
    ['withKeep means nothing to share()', () => settingsFor('share', [options.withKeep()])],
    [
      'withPolicy means nothing to receive()',
      () => settingsFor('receive', [options.withPolicy("default-src 'self'")]),
    ],
  ])('%s, which says so', (message, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_USAGE', message }));
  });

  test('may be given where it applies, and changes nothing elsewhere', () => {
    const kept = whereItApplies(options.withKeep());
    expect(settingsFor('send', [kept]).keep).toBe(true);
    expect(settingsFor('share', [kept]).keep).toBe(false);
    expect(() => createFerry(options.withKeep()).site('')).toThrow(usage(/must not be empty/));
  });

  test('that is none is refused at once', () => {
    const call = untyped(send);
    expect(() => call(['a'], { keep: true })).toThrow(usage(/^send\(\): an option must be/));
    expect(() => call(['a'], options.withKeep)).toThrow(usage(/call withKeep\(\)$/));
    const own = (settings: { colour?: string }): void => void (settings.colour = 'red');
    expect(() => call(['a'], own)).toThrow(usage(/^send\(\): an option must be/));
    expect(() => untyped(createFerry)('home')).toThrow(usage(/an option must be/));
  });

  test.each<[string, () => unknown]>([
    ['withDataDir', () => untyped(options.withDataDir)(7)],
    ['withIdentity', () => untyped(options.withIdentity)()],
    ['withPassword', () => untyped(options.withPassword)(null)],
    ['withUser', () => untyped(options.withUser)(7)],
    ['withPolicy', () => untyped(options.withPolicy)(7)],
    ['withSignal', () => untyped(options.withSignal)(new AbortController())],
    ['withLogger', () => untyped(options.withLogger)({ info: () => undefined })],
    ['withAccept', () => untyped(options.withAccept)(true)],
    ['withOutputStream', () => untyped(options.withOutputStream)('file')],
    ['withOnly', () => untyped(options.withOnly)(/pdf$/)],
    ['withMiddleware', () => untyped(options.withMiddleware)('log')],
    ['withTor', () => untyped(options.withTor)({ torRc: '' })],
    ['withInboxBounds', () => untyped(options.withInboxBounds)({ bytesPerfile: 1 })],
    ['withExpiry', () => untyped(options.withExpiry)('30m')],
  ])('%s refuses a value of another type', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['a single path', () => untyped(send)('x'), /write send\(\[path\]\)/],
  ['nothing', () => untyped(send)(), /takes a list of paths/],
  ['a list of others', () => untyped(send)([7]), /a path to send must be a string/],
  ['a text that is none', () => untyped(send)({ text: 7 }), /must be a string/],
  ['an unknown name', () => untyped(send)({ text: 'a', keep: true }), /does not know "keep"/],
  ['content without a name', () => untyped(send)({ content: Buffer.of(1) }), /name/],
  ['a name with a folder', () => send({ content: Buffer.of(1), name: 'a/b' }), /without a folder/],
  [
    'a stream of a wrong size',
    () => send({ stream: Readable.from([]), name: 'a', size: -1 }),
    /size/,
  ],
  ['a stream that is none', () => untyped(send)({ stream: 'text', name: 'a' }), /Readable/],
  ['a share of a single path', () => untyped(share)('x'), /write share\(\[path\]\)/],
  ['a site without a folder', () => untyped(site)(), /must be a string/],
  ['a server that is none', () => untyped(serve)({}), /request handler/],
  ['an invitation that is none', () => untyped(receive)(7), /invitation/],
])('%s is refused before anything starts', (_, call, message) => {
  expect(call).toThrow(usage(message));
});

test('each call takes the options that mean something to it', () => {
  expectTypeOf(send).parameter(1).toEqualTypeOf<Option<'send'>>();
  expectTypeOf(receive).parameter(1).toEqualTypeOf<Option<'receive'>>();
  expectTypeOf<Verb>().toExtend<string>();
});
