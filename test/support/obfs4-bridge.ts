import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { within } from '../../src/base/deadline.js';
import { deferred } from '../../src/base/deferred.js';
import type { CommandPrefix } from '../../src/private-network/options.js';
import { spawnTor } from '../../src/tor/process/tor-process.js';
import { type TorProgram, torEnvironment } from '../../src/tor/program/tor-program.js';

const OBFS4PROXY = '/usr/bin/obfs4proxy';
const START_MS = 60_000;

export interface BridgeOptions {
  readonly program: TorProgram;
  /** Created. */
  readonly directory: string;
  /** Lines that lead it to its network. */
  readonly torrc: string;
  readonly address: string;
  /** Where others connect to it, and where it would take undisguised connections. */
  readonly port: number;
  readonly orPort: number;
  readonly command: CommandPrefix;
}

export interface RunningBridge extends AsyncDisposable {
  /** As its operator gives it away. */
  readonly line: string;
}

/** A bridge that can be used, disguised by obfs4. @throws Error that says what is missing */
export async function startObfs4Bridge(options: BridgeOptions): Promise<RunningBridge> {
  await access(OBFS4PROXY).catch((cause: unknown) => {
    throw new Error(`${OBFS4PROXY} is missing: apt-get install obfs4proxy`, { cause });
  });
  const { program, directory, torrc, address, port, orPort, command } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'torrc');
  await writeFile(
    file,
    [
      torrc,
      `__OwningControllerProcess ${process.pid}`,
      `DataDirectory ${directory}`,
      'Nickname bridge',
      `Address ${address}`,
      `ORPort ${address}:${orPort} IPv4Only`,
      'ExtORPort auto',
      'BridgeRelay 1',
      'PublishServerDescriptor 0',
      `ServerTransportPlugin obfs4 exec ${OBFS4PROXY}`,
      `ServerTransportListenAddr obfs4 ${address}:${port}`,
      'ContactInfo none',
      'AssumeReachable 1',
      'ExitRelay 0',
      'ExtendAllowPrivateAddresses 1',
      'EnforceDistinctSubnets 0',
      'SocksPort 0',
      'ShutdownWaitLength 0',
      'Log notice stdout',
      '',
    ].join('\n'),
  );
  const ready = deferred<true>();
  const said: string[] = [];
  const tor = spawnTor({
    argv: command([program.path, '-f', file, '--defaults-torrc', '/dev/null']),
    env: torEnvironment(program),
    logger: {
      debug(line): void {
        said.push(line);
        if (line.includes('Bootstrapped 100%')) ready.resolve(true);
      },
      warn: () => undefined,
    },
  });
  try {
    const ended = tor.exited.then(() => false);
    if (!(await within(Promise.race([ready.promise, ended]), START_MS))) {
      throw new Error(`the bridge does not run:\n${said.join('\n')}`);
    }
    const [, fingerprint = ''] = (await readFile(join(directory, 'fingerprint'), 'utf8')).split(
      /\s/,
    );
    const written = await readFile(join(directory, 'pt_state/obfs4_bridgeline.txt'), 'utf8');
    const [template = ''] = /^Bridge obfs4 .*$/m.exec(written) ?? [];
    return {
      line: template
        .replace('<IP ADDRESS>:<PORT>', `${address}:${port}`)
        .replace('<FINGERPRINT>', fingerprint),
      [Symbol.asyncDispose]: () => tor.end(),
    };
  } catch (error) {
    await tor.end();
    throw error;
  }
}
