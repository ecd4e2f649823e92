import { expect, test } from 'vitest';
import type { FerryEvent } from '../../../src/api/events.js';
import { Narrator, type Scene } from '../../../src/cli/output/narrator.js';
import { Screen } from '../../../src/cli/output/screen.js';
import { Terminal } from '../../../src/cli/output/terminal.js';
import { CapturedStream } from '../../support/captured-stream.js';
import { RECEIVED, SENT } from './stories.js';

/** Backspace, carriage return, and what begins with escape. */
const MOVEMENT = /[\b\r\u001b]/;

/** Everything that a terminal of this kind is sent. */
function shown(kind: string, events: readonly FerryEvent[], scene: Scene): string {
  const stream = new CapturedStream({ isTTY: true, columns: 100 });
  const screen = new Screen(new Terminal(stream, stream, { TERM: kind }), {
    ...{ json: false, quiet: false, verbose: false },
  });
  const narrator = new Narrator(screen, scene);
  for (const event of events) screen.tell(event, () => narrator.tell(event));
  screen.terminal.pause();
  return stream.text;
}

test.each([
  [SENT, { verb: 'send', qrCode: true }],
  [RECEIVED, { verb: 'receive', directory: 'out' }],
] as const)('a dumb terminal gets lines and nothing that moves its cursor', (events, scene) => {
  expect(shown('dumb', events, scene)).not.toMatch(MOVEMENT);
  expect(shown('xterm', events, scene)).toMatch(MOVEMENT);
});
