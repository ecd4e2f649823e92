import { join } from 'node:path';
import { startTor } from '../../../src/tor/start-tor.js';
import type { TorProgram } from '../../../src/tor/program/tor-program.js';
import { withControl } from '../../tor/running-tor.js';

/** The tor that browsers, curl and wget use, as people have one besides onionferry's. */
export interface BrowserTor extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly socksPort: number;
  /** On 127.0.0.1, for programs that know proxies of HTTP only (CONNECT). */
  readonly httpPort: number;
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
  const ports = ['SocksPort 127.0.0.1:auto', 'HTTPTunnelPort 127.0.0.1:auto'];
  const tor = await startTor({
    found: program,
    dataDir: join(directory, 'browser-tor'),
    torrc: [torrc, ...ports].join('\n'),
  });
  try {
    const [socks, http] = await withControl(tor, (control) =>
      Promise.all(['socks', 'httptunnel'].map((kind) => control.getInfo(`net/listeners/${kind}`))),
    );
    return {
      socksPort: portIn(socks),
      httpPort: portIn(http),
      [Symbol.asyncDispose]: () => tor.close(),
    };
  } catch (error) {
    await tor.close();
    throw error;
  }
}

/** control-spec, net/listeners: each quoted, separated by spaces; some may be of unix sockets. */
function portIn(listeners = ''): number {
  const port = /"127\.0\.0\.1:(\d+)"/.exec(listeners)?.[1];
  if (port === undefined) throw new Error(`tor listens on no port: ${listeners}`);
  return Number(port);
}
