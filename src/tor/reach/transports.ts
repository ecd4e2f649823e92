import { readFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { OnionferryError } from '../../base/errors.js';
import { isExecutable } from '../program/find-tor.js';

/** A program that disguises connections to bridges. */
export interface TransportProgram {
  readonly path: string;
  /** What it is started with. */
  readonly args: readonly string[];
}

/** Who can do what, in order of preference. */
const PROGRAMS: readonly (readonly [name: string, transports: readonly string[]])[] = [
  ['snowflake-client', ['snowflake']],
  ['lyrebird', ['obfs4', 'meek_lite', 'webtunnel', 'snowflake', 'obfs3', 'obfs2', 'scramblesuit']],
  ['webtunnel-client', ['webtunnel']],
  ['obfs4proxy', ['obfs4', 'meek_lite', 'obfs3', 'obfs2', 'scramblesuit']],
];

/** Where packages put such programs; the PATH of a service may name none of these. */
const USUAL_DIRECTORIES = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Where Tor Expert Bundle and Tor Browser keep theirs, beside tor. */
const BUNDLED_DIRECTORIES = ['pluggable_transports', 'PluggableTransports'];

const PACKAGES: Readonly<Record<string, string>> = {
  obfs4: 'apt install obfs4proxy',
  meek_lite: 'apt install obfs4proxy',
  snowflake: 'apt install snowflake-client',
};

/** What the Tor Project changes from release to release, and the bundle therefore says itself. */
export interface TransportBundle {
  readonly directory: string;
  readonly programs: readonly { readonly transports: readonly string[]; readonly argv: string[] }[];
  /** Lines of bridges by kind, such as `obfs4`. */
  readonly bridges: ReadonlyMap<string, readonly string[]>;
}

const CONFIG_MAX_CHARS = 1_000_000;
const short = v.pipe(v.string(), v.maxLength(4096));

const configSchema = v.object({
  pluggableTransports: v.optional(v.record(short, short), {}),
  bridges: v.optional(v.record(short, v.pipe(v.array(short), v.maxLength(200))), {}),
});

/** `ClientTransportPlugin a,b exec ${pt_path}lyrebird args`, as in `pt_config.json`. */
const PLUGIN = /^ClientTransportPlugin ([\w,]+) exec (\S.*)$/;

/** @returns undefined if no bundle is beside the tor at `torPath`, or one in another form */
export async function findTransportBundle(torPath: string): Promise<TransportBundle | undefined> {
  for (const name of BUNDLED_DIRECTORIES) {
    const directory = join(dirname(torPath), name);
    let text: string;
    try {
      text = await readFile(join(directory, 'pt_config.json'), 'utf8');
    } catch {
      continue; // most tors have no bundle beside them
    }
    if (text.length <= CONFIG_MAX_CHARS) return readConfig(text, directory);
  }
  return undefined;
}

function readConfig(text: string, directory: string): TransportBundle | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(configSchema, json);
  if (!parsed.success) return undefined;
  const { pluggableTransports, bridges } = parsed.output;
  return {
    directory,
    programs: Object.values(pluggableTransports).flatMap((line) => {
      const [, transports, command] = PLUGIN.exec(line) ?? [];
      if (transports === undefined || command === undefined) return [];
      const argv = command
        .split(/ +/)
        .map((word) =>
          word
            .replaceAll('${pt_path}', `${directory}/`)
            .replaceAll('${pt_extension}', process.platform === 'win32' ? '.exe' : ''),
        );
      return [{ transports: transports.split(','), argv }];
    }),
    bridges: new Map(Object.entries(bridges)),
  };
}

/**
 * The program for one transport: the one of the bundle beside tor, else one of a package.
 *
 * @throws OnionferryError ERR_TOR_TRANSPORT that says what to install
 */
export async function findTransport(
  transport: string,
  bundle: TransportBundle | undefined,
  directories: readonly string[] = programDirectories(),
): Promise<TransportProgram> {
  for (const { transports, argv } of bundle?.programs ?? []) {
    const [path = '', ...args] = argv;
    if (transports.includes(transport) && (await isExecutable(path))) return { path, args };
  }
  for (const [name, transports] of PROGRAMS) {
    if (!transports.includes(transport)) continue;
    const file = process.platform === 'win32' ? `${name}.exe` : name;
    for (const directory of [...(bundle === undefined ? [] : [bundle.directory]), ...directories]) {
      const path = join(directory, file);
      if (await isExecutable(path)) return { path, args: [] };
    }
  }
  throw new OnionferryError('ERR_TOR_TRANSPORT', missing(transport));
}

function missing(transport: string): string {
  const names = PROGRAMS.filter(([, transports]) => transports.includes(transport)).map(
    ([name]) => name,
  );
  if (names.length === 0) return `no program is known for bridges of the kind ${transport}`;
  const install = PACKAGES[transport];
  const debian = install === undefined ? '' : `run "${install}" as root, `;
  return `bridges of the kind ${transport} need ${names.join(' or ')}, and this machine has none: ${debian}install it with your system’s packages, or name the tor of a Tor Expert Bundle with --tor PROGRAM`;
}

function programDirectories(): readonly string[] {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return process.platform === 'win32' ? path : [...new Set([...path, ...USUAL_DIRECTORIES])];
}
