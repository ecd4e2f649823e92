import type { FerryEvent } from '../../../src/api/events.js';
import { Narrator, type Scene } from '../../../src/cli/output/narrator.js';
import { Screen } from '../../../src/cli/output/screen.js';
import { Terminal } from '../../../src/cli/output/terminal.js';
import { CapturedStream } from '../../support/captured-stream.js';

interface Told {
  readonly stdout: CapturedStream;
  readonly stderr: CapturedStream;
}

/** What a screen says of these events. */
export function tell(
  events: readonly FerryEvent[],
  scene: Scene,
  how: {
    out?: boolean;
    err?: boolean;
    columns?: number;
    rows?: number;
    quiet?: boolean;
    json?: boolean;
  } = {},
): Told {
  const { out = false, err = false, columns = 100, rows = 100, quiet = false, json = false } = how;
  const stdout = new CapturedStream({ isTTY: out, columns });
  const stderr = new CapturedStream({ isTTY: err, columns, rows });
  const screen = new Screen(new Terminal(stdout, stderr, {}), { json, quiet, verbose: false });
  const narrator = new Narrator(screen, scene);
  for (const event of events) screen.tell(event, () => narrator.tell(event));
  screen.terminal.pause();
  return { stdout, stderr };
}
