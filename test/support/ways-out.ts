import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PrivateNetwork } from '../../src/private-network/start.js';
import type { TorProgram } from '../../src/tor/program/tor-program.js';
import type { NatWorld } from './nat-world.js';
import { startObfs4Bridge } from './obfs4-bridge.js';

/** The ports of relays that a strict firewall lets out. */
export const WEB_PORTS = [80, 443];
const PROXY_PORT = 3128;
const BRIDGE_PORT = 8443;
const BRIDGE_OR_PORT = 8444;
const PROXY_LOGIN = 'me:a "pass" word';

/** What a network lets out, and what onionferry is told about it. */
export interface WayOut extends AsyncDisposable {
  /** Of iptables. */
  readonly rules: readonly string[];
  readonly args: readonly string[];
  /** The same for a tor, as Tor Browser tells its own. */
  readonly torrc: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What nothing that is printed may show. */
  readonly secrets: readonly string[];
}

export interface WorldAround {
  readonly world: NatWorld;
  readonly network: PrivateNetwork;
  readonly program: TorProgram;
  readonly directory: string;
}

const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** Each of the networks that let out hardly anything. */
export const WAYS_OUT: Readonly<Record<string, (around: WorldAround) => Promise<WayOut>>> = {
  'to ports 80 and 443': ({ world }) =>
    Promise.resolve({
      rules: WEB_PORTS.map((port) => ruleFor(world, port)),
      args: ['--firewall', WEB_PORTS.join(',')],
      torrc: `FascistFirewall 1\nFirewallPorts ${WEB_PORTS.join(',')}\n`,
      secrets: [],
      ...nothing,
    }),
  'to an HTTP proxy that asks for a password': async ({ world }) => {
    const end = await startConnectProxy(world.internet.prefix);
    const [user = '', password = ''] = PROXY_LOGIN.split(':').map(encodeURIComponent);
    return {
      rules: [ruleFor(world, PROXY_PORT)],
      args: [],
      torrc: `HTTPSProxy ${world.internet.address}:${PROXY_PORT}\nHTTPSProxyAuthenticator ${JSON.stringify(PROXY_LOGIN)}\n`,
      env: {
        ONIONFERRY_PROXY: `http://${user}:${password}@${world.internet.address}:${PROXY_PORT}`,
      },
      secrets: [password, 'a "pass" word'],
      [Symbol.asyncDispose](): Promise<void> {
        end();
        return Promise.resolve();
      },
    };
  },
  'to an obfs4 bridge': async ({ world, network, program, directory }) => {
    const { address, prefix } = world.internet;
    const bridge = await startObfs4Bridge({
      ...{ program, address, port: BRIDGE_PORT, orPort: BRIDGE_OR_PORT },
      directory: join(directory, 'bridge'),
      torrc: network.torrc,
      command: (argv) => [...prefix, ...argv],
    });
    return {
      rules: [ruleFor(world, BRIDGE_PORT)],
      args: ['--bridge', bridge.line],
      torrc: `UseBridges 1\nClientTransportPlugin obfs4 exec /usr/bin/obfs4proxy\n${bridge.line}\n`,
      secrets: bridge.line.split(' ').filter((word) => /^cert=|^\w{40}$|:8443$/.test(word)),
      [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
    };
  },
};

function ruleFor({ internet }: NatWorld, port: number): string {
  return `-p tcp -d ${internet.address} --dport ${port}`;
}

/** Takes CONNECT alone, and only with the login. @returns ends it */
async function startConnectProxy(prefix: readonly string[]): Promise<() => void> {
  const script = `
    const { connect } = require('node:net');
    const login = 'Basic ' + Buffer.from(${JSON.stringify(PROXY_LOGIN)}).toString('base64');
    const server = require('node:http').createServer((_, reply) => reply.writeHead(405).end());
    server.on('connect', ({ headers, url }, client, head) => {
      client.on('error', () => undefined);
      if (headers['proxy-authorization'] !== login) return client.end('HTTP/1.1 407 No\\r\\n\\r\\n');
      const [host, port] = url.split(':');
      const onward = connect(port, host, () => {
        client.write('HTTP/1.1 200 OK\\r\\n\\r\\n');
        onward.write(head);
        client.pipe(onward).pipe(client);
      });
      onward.on('error', () => client.destroy());
      for (const [one, other] of [[client, onward], [onward, client]])
        one.on('close', () => other.destroy());
    });
    server.listen(${PROXY_PORT}, () => console.log('listens'));`;
  const command = ['--pdeathsig', 'KILL', '--', ...prefix, process.execPath, '-e', script];
  const child = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error('the proxy could not be started');
  return () => void child.kill('SIGKILL');
}
