import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Narrator } from '../../../src/cli/output/narrator.js';
import { Screen } from '../../../src/cli/output/screen.js';
import { Terminal } from '../../../src/cli/output/terminal.js';
import { CapturedStream } from '../../support/captured-stream.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { INVITATION, ONLINE } from './stories.js';

const LIGHT = 255;
const DARK = 0;
/** Pixels of a module: half a character. */
const PIXELS = 6;
/** Of the terminal around the code, in modules. */
const AROUND = 8;

/** Upper and lower half of each character that a code is drawn with: whether it has the foreground. */
const HALVES: Readonly<Record<string, readonly [boolean, boolean]>> = {
  ' ': [false, false],
  '▀': [true, false],
  '▄': [false, true],
  '█': [true, true],
};

/** What `send` draws, without its own colours, line by line. */
function drawn(environment: NodeJS.ProcessEnv): { lines: string[]; isColoured: boolean } {
  const stderr = new CapturedStream({ isTTY: true, columns: 120 });
  const screen = new Screen(new Terminal(new CapturedStream(), stderr, environment), {
    ...{ json: false, quiet: false, verbose: false },
  });
  new Narrator(screen, { verb: 'send', qrCode: true }).tell(ONLINE);
  screen.terminal.pause();
  const colours = '\u001b[38;5;231;48;5;16m';
  const isColoured = stderr.text.includes(colours);
  const lines = stderr.text
    .split('\n')
    .map((line) => line.replace(colours, '').replace('\u001b[0m', ''))
    .filter((line) => /^[ ▀▄█]{20,}$/.test(line));
  return { lines, isColoured };
}

/** A portable graymap of a screen. @param ground the terminal's own background */
function picture(lines: readonly string[], ground: number, ink: readonly [number, number]): Buffer {
  const [foreground, background] = ink;
  const inner = lines.flatMap((line) =>
    [0, 1].map((half) =>
      Array.from(line, (character) => (HALVES[character]?.[half] ? foreground : background)),
    ),
  );
  const side = new Array<number>(AROUND).fill(ground);
  const width = (inner[0]?.length ?? 0) + 2 * AROUND;
  const empty = Array.from({ length: AROUND }, () => new Array<number>(width).fill(ground));
  const modules = [...empty, ...inner.map((row) => [...side, ...row, ...side]), ...empty];
  const rows = modules.flatMap((row) => {
    const pixels = row.flatMap((module) => new Array<number>(PIXELS).fill(module));
    return Array.from({ length: PIXELS }, () => pixels);
  });
  const header = `P5\n${width * PIXELS} ${rows.length}\n255\n`;
  return Buffer.concat([Buffer.from(header), Buffer.from(rows.flat())]);
}

async function decoded(image: Buffer): Promise<string> {
  const path = join(await temporaryDirectory(), 'screen.pgm');
  await writeFile(path, image);
  const { stdout } = await promisify(execFile)('zbarimg', ['--quiet', '--raw', path]);
  return stdout.trimEnd();
}

test.each([
  ['dark', DARK],
  ['light', LIGHT],
])('a scanner reads the QR code on a %s terminal', async (_, ground) => {
  const { lines, isColoured } = drawn({});
  // It brings its own: white on black, whatever the terminal has.
  expect(isColoured).toBe(true);
  expect(await decoded(picture(lines, ground, [LIGHT, DARK]))).toBe(INVITATION);
});

test('without colours it is read on a terminal that writes light on dark', async () => {
  const { lines, isColoured } = drawn({ NO_COLOR: '1' });
  expect(isColoured).toBe(false);
  expect(await decoded(picture(lines, DARK, [LIGHT, DARK]))).toBe(INVITATION);
});
