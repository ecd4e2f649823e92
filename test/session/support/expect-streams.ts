import { expect } from 'vitest';
import type { Met } from '../../../src/session/reconnecting/reconnect.js';

/** Both have met in the same meeting, and its streams carry something. */
export async function expectStreams(
  ours: Met | Promise<Met>,
  theirs: Met | Promise<Met>,
  count = 2,
): Promise<void> {
  const [one, other] = await Promise.all([ours, theirs]);
  expect(one.generation).toBe(other.generation);
  expect(one.meeting.keys).toEqual(other.meeting.keys);
  for (let number = 0; number < count; number++) {
    const ends = [one.meeting.openStream(number), other.meeting.openStream(number)] as const;
    const [near, far] = await Promise.all(ends);
    const total = 1000 + number;
    await near.send({ frame: 'control', control: { type: 'content-end', total } });
    const heard = await far.messages().next();
    expect(heard.value).toMatchObject({ control: { type: 'content-end', total } });
    near.destroy();
    far.destroy();
  }
}
