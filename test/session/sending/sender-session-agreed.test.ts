import { describe, expect, test } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { kinds } from '../support/other-side.js';
import { begun, content, LENGTH, receipt, whole } from '../support/sender-in-session.js';

describe('a sender to a recipient that takes whatever is offered', () => {
  test('sends behind the offer, once that is noted', async () => {
    const noted = deferred<undefined>();
    const { comes, digest, notes, result } = await begun({
      hasAgreed: true,
      onAgreed: () => noted.promise,
    });
    const far = await comes(0);
    await new Promise(setImmediate);
    expect([far.heard, notes]).toEqual([[], []]);
    noted.resolve(undefined);
    await expect.poll(() => kinds(far.heard).slice(0, 2)).toEqual(['manifest', 'data']);
    expect(notes).toEqual(['offered']);
    await far.say({ type: 'accept', manifest: digest });
    far.acknowledges();
    await expect.poll(() => content(far)).toEqual(whole);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
    expect(notes).toEqual(['offered', 'accepted']);
    // Nothing was sent twice.
    const sizes = far.heard.map((message) =>
      message.frame === 'data' ? message.content.length : 0,
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(LENGTH);
  });

  test('sends nothing early in a later meeting, nor over streams that were added', async () => {
    const later = await begun({ hasAgreed: true, generation: 1 });
    const far = await later.comes(0);
    await far.say({ type: 'open-streams', streams: [1] });
    await later.comes(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([far.heard, later.notes]).toEqual([[], []]);
    const first = await begun({ hasAgreed: true, onAgreed: () => new Promise(() => undefined) });
    const lead = await first.comes(0);
    await lead.say({ type: 'open-streams', streams: [1] });
    const added = await first.comes(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(added.heard).toEqual([]);
  });

  test('sends again what was sent over a stream that broke before the acceptance', async () => {
    const { comes, digest, result } = await begun({ hasAgreed: true });
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard)).toContain('data');
    far.stream.destroy();
    const second = await comes(2049);
    await expect.poll(() => kinds(second.heard)).toContain('data');
    await second.say({ type: 'accept', manifest: digest });
    second.acknowledges();
    await expect.poll(() => content(second)).toEqual(whole);
    await second.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
  });
});
