import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BenchmarkOptions, type BenchmarkResult, rateRatio } from '../benchmark.js';
import { parseContent, prepareContent } from '../content.js';
import type { Side, SidePrograms } from '../processes/start-side.js';
import { PAGE_CLIENT, PAGE_SERVER } from '../sides/programs.js';
import { benchDirectory, type Carried, type Carrier, inTurns } from '../turns.js';

const CONTENT = parseContent('1GB');
const RUNS = 5;
/** Of what a bare file stream of node:http carries. */
const REQUIRED = 0.7;
const BARE = 'bare node:http';
const SHARE = 'share';
const ARCHIVE = 'share, as one archive';

/** One whole file, behind the access check and without it. */
export async function oneFile(
  sides: SidePrograms,
  options: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const { contents: [content = CONTENT] = [], runs = RUNS, signal } = options;
  await using directory = await benchDirectory(options.directory);
  const file = join(directory.path, 'file');
  const { bytes } = await prepareContent(file, content, signal);
  const sockets = { bare: join(directory.path, 'bare'), share: join(directory.path, 'share') };
  await Promise.all(Object.values(sockets).map((path) => mkdir(path)));
  const shared = { path: file, directory: sockets.share, isBare: false };
  await using bare = await sides.start(PAGE_SERVER, {
    ...shared,
    directory: sockets.bare,
    isBare: true,
  });
  await using share = await sides.start(PAGE_SERVER, shared);
  const carriers = [
    carrier(sides, { name: BARE, server: bare, path: '/', bytes }),
    carrier(sides, { name: SHARE, server: share, path: '/files/file', bytes }),
    carrier(sides, { name: ARCHIVE, server: share, path: '/everything.zip', bytes }),
  ];
  const ways = await inTurns(
    carriers,
    { runs, directory: directory.path, title: 'pages' },
    options,
  );
  return {
    benchmark: 'pages, one file',
    content: content.name,
    bytes,
    directory: directory.parent,
    counted: 'over a unix socket, from before dialling until all was read and forgotten',
    ways,
    measures: [...rateRatio(ways, SHARE, BARE, REQUIRED), ...rateRatio(ways, ARCHIVE, BARE)],
  };
}

interface Served {
  readonly name: string;
  readonly server: Side;
  readonly path: string;
  readonly bytes: number;
}

function carrier(sides: SidePrograms, { name, server, path, bytes }: Served): Carrier {
  return {
    name,
    async carry(): Promise<Carried> {
      const socket = await server.ready;
      await server.reportSoFar();
      await using client = await sides.start(PAGE_CLIENT, { socket, path, bytes });
      const recipient = await client.report;
      return { sender: await server.reportSoFar(), recipient };
    },
  };
}
