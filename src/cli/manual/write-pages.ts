/*
 * The build runs it: `node dist/cli/manual/write-pages.js FOLDER` writes the manual's pages there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../version.js';
import { manualPages } from './manual.js';
import { programForReading } from './program-for-reading.js';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder for the pages');
// eslint-disable-next-line no-restricted-syntax -- of the build, which reaches no disk room
mkdirSync(folder, { recursive: true });
for (const { file, text } of manualPages(programForReading(), VERSION)) {
  writeFileSync(join(folder, file), text);
}
