import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchmarkOptions, BenchmarkResult } from '../benchmark.js';
import type { SidePrograms } from '../processes/start-side.js';
import { PAGE_SERVER } from '../sides/programs.js';
import { benchDirectory } from '../turns.js';
import { fetch } from './fetch.js';

const FILES = 100;
const FILE_BYTES = 500e6;
const FIRST_BYTE_MAX_SECONDS = 0.3;
const RANGE_BYTES = 1e6;
const RANGE_MAX_SECONDS = 1;
const SMALL_FILES = 100_000;

/** 50 GB of holes as one archive: its first byte, and a part in its middle. */
export async function archive(
  sides: SidePrograms,
  options: BenchmarkOptions,
): Promise<BenchmarkResult> {
  await using directory = await benchDirectory(options.directory);
  const folder = join(directory.path, 'folder');
  await mkdir(folder);
  for (let number = 0; number < FILES; number++) {
    const file = join(folder, `file-${number}`);
    await writeFile(file, '');
    await truncate(file, FILE_BYTES);
  }
  await using server = await sides.start(PAGE_SERVER, {
    path: folder,
    directory: directory.path,
    isBare: false,
  });
  const socket = await server.ready;
  const path = '/zip/folder.zip';
  options.say('pages: the first byte of an archive');
  const { firstByteSeconds } = await fetch({ socket, path, range: 'bytes=0-0' });
  // Around the border of two files, so that a checksum of 500 MB is told.
  const border = (FILES / 2) * FILE_BYTES;
  const range = `bytes=${border}-${border + RANGE_BYTES - 1}`;
  options.say('pages: a range of an archive');
  const first = await fetch({ socket, path, range });
  const second = await fetch({ socket, path, range });
  const { usage } = await server.reportSoFar();
  return {
    benchmark: 'pages, an archive',
    content: `${FILES} sparse files of ${FILE_BYTES / 1e6} MB`,
    bytes: FILES * FILE_BYTES,
    directory: directory.parent,
    counted: 'from before dialling',
    ways: [],
    measures: [
      { name: 'first byte', value: firstByteSeconds, unit: 's', allowed: FIRST_BYTE_MAX_SECONDS },
      { name: '1 MB in the middle, the first time', value: first.seconds, unit: 's' },
      {
        name: '1 MB in the middle, the second time',
        value: second.seconds,
        unit: 's',
        allowed: RANGE_MAX_SECONDS,
      },
      { name: 'peak memory', value: usage.peakRssBytes / 1e6, unit: 'MB' },
    ],
  };
}

/** Very many small files as one archive. */
export async function manyFiles(
  sides: SidePrograms,
  options: BenchmarkOptions,
): Promise<BenchmarkResult> {
  await using directory = await benchDirectory(options.directory);
  const folder = join(directory.path, 'folder');
  options.say(`pages: writing ${SMALL_FILES} files`);
  for (let number = 0; number < SMALL_FILES; number++) {
    const inner = join(folder, String(Math.floor(number / 1000)));
    if (number % 1000 === 0) await mkdir(inner, { recursive: true });
    await writeFile(join(inner, `file-${number}`), String(number));
  }
  await using server = await sides.start(PAGE_SERVER, {
    path: folder,
    directory: directory.path,
    isBare: false,
  });
  const socket = await server.ready;
  options.say('pages: an archive of many files');
  const { bytes, seconds, firstByteSeconds } = await fetch({ socket, path: '/zip/folder.zip' });
  const page = await fetch({ socket, path: '/' });
  const { usage } = await server.reportSoFar();
  return {
    benchmark: 'pages, an archive of many files',
    content: `${SMALL_FILES} files`,
    bytes,
    directory: directory.parent,
    counted: 'from before dialling',
    ways: [],
    measures: [
      { name: 'first byte', value: firstByteSeconds, unit: 's' },
      { name: 'all of it', value: seconds, unit: 's' },
      { name: 'the page of the folder', value: page.seconds, unit: 's' },
      { name: 'peak memory', value: usage.peakRssBytes / 1e6, unit: 'MB' },
    ],
  };
}
