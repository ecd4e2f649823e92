import { join } from 'node:path';
import type { TorProgram } from '../../../src/tor/program/tor-program.js';
import { runDirectoryOf, withControl } from '../../tor/support/running-tor.js';
import { startTor } from '../start-tor.js';

/** The tor that browsers, curl and wget use, as people have one besides onionferry's. */
export interface BrowserTor extends AsyncDisposable {
  /** On 127.0.0.1; onionferry's own tors listen on unix sockets. */
  readonly socksPort: number;
  /** The unix socket of its control port */
  readonly control: string;
}

export interface BrowserTorOptions {
  readonly program: TorProgram;
  /** Of the run; it gets a folder in it. */
  readonly directory: string;
  /** Lines that lead it to the private network. */
  readonly torrc: string;
}

export async function startBrowserTor(options: BrowserTorOptions): Promise<BrowserTor> {
  const { program, directory, torrc } = options;
  const tor = await startTor({
    found: program,
    dataDir: join(directory, 'browser-tor'),
    torrc: `${torrc}\nSocksPort 127.0.0.1:auto`,
  });
  try {
    const listeners = await withControl(tor, (control) => control.getInfo('net/listeners/socks'));
    return {
      socksPort: portIn(listeners),
      control: join(runDirectoryOf(tor), 'control'),
      [Symbol.asyncDispose]: () => tor.close(),
    };
  } catch (error) {
    await tor.close();
    throw error;
  }
}

/** control-spec, net/listeners: each quoted, separated by spaces; some may be of unix sockets. */
function portIn(listeners: string): number {
  const port = /"127\.0\.0\.1:(\d+)"/.exec(listeners)?.[1];
  if (port === undefined) throw new Error(`tor listens on no port: ${listeners}`);
  return Number(port);
}
