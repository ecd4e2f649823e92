import { expect, test } from 'vitest';
import { Narrator } from '../../../src/cli/output/narrator.js';
import { Screen } from '../../../src/cli/output/screen.js';
import { Terminal } from '../../../src/cli/output/terminal.js';
import { CapturedStream } from '../../support/captured-stream.js';

test('a relay shows what it does, also after a line about a visitor', () => {
  const [stdout, stderr] = [new CapturedStream(), new CapturedStream()];
  const mode = { json: false, quiet: false, verbose: false };
  const narrator = new Narrator(new Screen(new Terminal(stdout, stderr, {}), mode), {
    verb: 'relay',
  });
  const counts = {
    ...{ channels: 2, channelsOpened: 3, channelsRefused: 1, pairs: 1, pairsMade: 2 },
    ...{ bytes: 1_500_000, wrongDoors: 0, failedGuesses: 0, refusals: { 'too-many': 2 } },
    ...{ placesTaken: 3, placesFree: 7 },
  };
  narrator.tell({ event: 'relay', ...counts });
  narrator.tell({ event: 'visit', visitors: 1 });
  expect(stderr.text.split('2 channels, 1 transfer, 1.5 MB relayed, 2 refusals')).toHaveLength(3);
});
