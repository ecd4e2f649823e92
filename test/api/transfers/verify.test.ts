import { describe, expect, test } from 'vitest';
import { OPEN } from '../../../src/api/door.js';
import type { FerryEvent } from '../../../src/api/events.js';
import { start } from '../../../src/api/handle.js';
import { withKeep, withVerify } from '../../../src/api/options.js';
import { withAccept } from '../../../src/api/receive-options.js';
import { applyOptions } from '../../../src/api/settings.js';
import { receiveFiles } from '../../../src/api/transfers/receive-files.js';
import { deferred } from '../../../src/base/deferred.js';
import { hasCode } from '../../../src/base/errors.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import type { SecureStream } from '../../../src/session/conversation/secure-stream.js';
import type { Message } from '../../../src/stream/message.js';
import { farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { recipientSide } from '../../session/support/both-sides.js';
import { ONION, recipientAt, senderAt } from '../../session/support/parties.js';
import { guest, sender, TEXT } from './sender-and-guests.js';

const PLACE = { channel: 'front-door', words: 'three-good-words' };

const UNVERIFIED = { frame: 'control', control: { type: 'abort', reason: 'unverified' } };

/** Two people who read their phrases to each other. */
class Call {
  readonly said: string[] = [];
  readonly #both = deferred<boolean>();
  readonly #begun: Promise<unknown>;

  /** @param begun people take their time: what happens before one of them speaks */
  constructor(begun: Promise<unknown> = Promise.resolve()) {
    this.#begun = begun;
  }

  readonly compare = withVerify(async (phrase) => {
    this.said.push(phrase);
    const [one, other] = this.said;
    if (other !== undefined) this.#both.resolve(one === other);
    await this.#begun;
    return await this.#both.promise;
  });
}

/** A recipient that compares; what it was asked to accept, and what it ends with. */
async function comparing(relay: RelayServer, call: Call) {
  const access = farAccess(relay);
  const meeting = await recipientAt(access, PLACE);
  const offers: FerryEvent[] = [];
  const accepting = withAccept((offer) => {
    offers.push(offer);
    return true;
  });
  const handle = start((work) =>
    receiveFiles({
      relay: {
        onion: ONION,
        door: OPEN,
        client: access,
        renewCircuits: () => undefined,
        wake: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      ...{ access: '', channel: PLACE.channel, curve: 'p256', generation: 0 },
      resumption: meeting.keys.resumption,
      met: { meeting, generation: 0 },
      settings: applyOptions([call.compare, accepting]),
      work,
    }),
  );
  handle.done.catch(() => undefined);
  return { handle, offers };
}

describe('with --verify on both sides', () => {
  test('what is sent arrives once both have said yes to one phrase', async () => {
    const call = new Call();
    const one = await sender(call.compare);
    const { handle } = await comparing(one.relay, call);
    expect(await handle.done).toMatchObject({ text: TEXT });
    const [phrase = ''] = call.said;
    expect(call.said).toEqual([phrase, phrase]);
    expect(await one.told({ event: 'verify' })).toEqual({ event: 'verify', phrase });
  });

  test('one in between who knows the password is noticed, and gets neither offer nor content', async () => {
    const listening = deferred<undefined>();
    const call = new Call(listening.promise);
    const one = await sender(call.compare);
    const ending = expect(one.handle.done).rejects.toMatchObject({ code: 'ERR_UNVERIFIED' });
    // To the sender it is the recipient, and to the recipient the sender.
    const elsewhere = await runningRelay();
    const posing = await senderAt(elsewhere.local, PLACE);
    const [asSender, asRecipient, victim] = await Promise.all([
      posing.meet(),
      recipientAt(farAccess(one.relay), PLACE),
      comparing(elsewhere, call),
    ]);
    using fromSender = await asRecipient.openStream(0);
    using fromVictim = await asSender.openStream(0);
    const [ofSender, ofVictim] = [fromSender, fromVictim].map(everythingOver);
    listening.resolve(undefined);
    await expect(victim.handle.done).rejects.toMatchObject({ code: 'ERR_UNVERIFIED' });
    await ending;
    expect(new Set(call.said).size).toBe(2);
    expect(victim.offers).toEqual([]);
    expect(await ofSender).toEqual([UNVERIFIED]);
    // That one's word may be lost: it may not have seen its stream open yet.
    fromVictim.destroy();
    expect([[], [UNVERIFIED]]).toContainEqual(await ofVictim);
  });
});

/** Up to the other side's last word, or the stream's end, without keepalives. */
async function everythingOver(stream: SecureStream): Promise<Message[]> {
  const heard: Message[] = [];
  try {
    for await (const message of stream.messages()) {
      const isKeepalive = message.frame === 'control' && message.control.type === 'keepalive';
      if (!isKeepalive) heard.push(message);
      if (message.frame === 'control' && message.control.type === 'abort') break;
    }
  } catch (error) {
    if (!hasCode(error, 'ERR_PEER_GONE')) throw error;
  }
  return heard;
}

describe('a sender that compares', () => {
  test('offers nothing before the answer', async () => {
    const answer = deferred<boolean>();
    const one = await sender(withVerify(() => answer.promise));
    let asked = 0;
    const impatient = guest(one, () => {
      asked++;
      return Promise.resolve();
    });
    await one.told({ event: 'verify' });
    expect(asked).toBe(0);
    answer.resolve(true);
    expect(await impatient.text).toBe(TEXT);
    expect(asked).toBe(1);
  });

  test('offers nothing to one that comes again at once, and asks for the manifest there', async () => {
    const answer = deferred<boolean>();
    const one = await sender(withVerify(() => answer.promise));
    one.handle.done.catch(() => undefined);
    const access = farAccess(one.relay);
    const { reconnect } = recipientSide(access, await recipientAt(access, PLACE));
    const { meeting } = await reconnect.meet();
    using stream = await meeting.openStream(0);
    await stream.send({ frame: 'control', control: { type: 'manifest-request' } });
    const heard = everythingOver(stream);
    answer.resolve(false);
    expect(await heard).toEqual([UNVERIFIED]);
    await reconnect.close();
  });

  test('with --keep, asks of each recipient, with a phrase of its own', async () => {
    const phrases: string[] = [];
    const one = await sender(
      withKeep(),
      withVerify((phrase) => {
        phrases.push(phrase);
        return true;
      }),
    );
    expect(await guest(one).text).toBe(TEXT);
    expect(await guest(one).text).toBe(TEXT);
    expect(new Set(phrases).size).toBe(2);
    await one.told({ event: 'verify', recipient: 2 });
  });

  test('asks no longer once the call has ended', async () => {
    const over = deferred<undefined>();
    const one = await sender(
      withVerify(async (_, signal) => {
        signal.addEventListener('abort', () => over.resolve(undefined));
        return await new Promise<boolean>(() => undefined);
      }),
    );
    void guest(one);
    await one.told({ event: 'verify' });
    await one.handle.close();
    await expect(over.promise).resolves.toBeUndefined();
  });
});
