import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PREFIX = 'onionferry-nat-';
/** How long a connection may take between namespaces of one machine, and its program to start. */
const CONNECT_S = 20;
/** The kernel kills what is started so when this process dies. */
const LIFELINE = ['--pdeathsig', 'KILL', '--'];

/** One of the two machines at home; a command is run on it behind `prefix`. */
export interface Host {
  readonly prefix: readonly string[];
  /** Its own, behind the router. */
  readonly address: string;
  /** Its router's, from which its connections seem to come. */
  readonly publicAddress: string;
  readonly routerPrefix: readonly string[];
  /**
   * Has its router let nothing out but to what these rules of iptables match.
   *
   * @returns has it let out everything again
   */
  readonly letOut: (rules: readonly string[]) => Promise<() => Promise<void>>;
  /** Gives it and its router other addresses and routes, as a train does that leaves a station. */
  readonly move: () => Promise<void>;
  /** Takes its network away. @returns gives it back */
  readonly unplug: () => Promise<() => Promise<void>>;
}

/**
 * Two hosts behind a router each, which hides them (MASQUERADE) and lets nothing in that they did
 * not ask for; and the internet in between, which forwards nothing from one to the other:
 *
 *     host a ── router a ── internet (10.99.0.1) ── router b ── host b
 */
export interface NatWorld extends AsyncDisposable {
  readonly a: Host;
  readonly b: Host;
  readonly internet: { readonly prefix: readonly string[]; readonly address: string };
}

/**
 * Makes the world out of network namespaces, and removes what killed runs have left of theirs.
 *
 * @throws Error that says what is missing
 */
export async function openNatWorld(): Promise<NatWorld> {
  await assertAble();
  await sweep();
  const name = (role: string): string => `${PREFIX}${process.pid}-${role}`;
  const roles = ['internet', 'router-a', 'host-a', 'router-b', 'host-b'];
  const close = async (): Promise<void> => {
    for (const role of roles) await remove(name(role));
  };
  try {
    for (const role of roles) {
      await run('ip', ['netns', 'add', name(role)]);
      await ip(name(role), 'link set lo up');
    }
    await ip(name('internet'), 'address add 10.99.0.1/32 dev lo');
    return {
      internet: { prefix: prefixOf(name('internet')), address: '10.99.0.1' },
      a: await addHome(1, name('internet'), name('router-a'), name('host-a')),
      b: await addHome(2, name('internet'), name('router-b'), name('host-b')),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether a TCP connection can be made by the machine of `prefix`. */
export async function canConnect(
  prefix: readonly string[],
  address: string,
  port: number,
): Promise<boolean> {
  // Bash opens a connection by this name; a node for each would cost more than all the tests of it.
  const attempt = ['timeout', String(CONNECT_S), 'bash', '-c', `: < /dev/tcp/${address}/${port}`];
  const child = spawn('setpriv', [...LIFELINE, ...prefix, ...attempt], { stdio: 'ignore' });
  const [status] = (await once(child, 'exit')) as [number]; // as documented
  return status === 0;
}

/** Listens on all addresses of the machine of `prefix`. @returns ends that */
export async function listenOn(prefix: readonly string[], port: number): Promise<() => void> {
  const script = `require('node:net').createServer().listen(${port}, () => console.log('listens'))`;
  const command = [...prefix, process.execPath, '-e', script];
  const child = spawn('setpriv', [...LIFELINE, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error('a listener could not be started');
  return () => child.kill('SIGKILL');
}

async function addHome(net: number, internet: string, router: string, host: string): Promise<Host> {
  const [outside, inside] = [`10.99.${net}`, `192.168.${net}`];
  await ip(internet, `link add home-${net} type veth peer name wan netns ${router}`);
  await ip(internet, `address add ${outside}.1/24 dev home-${net}`);
  await ip(internet, `link set home-${net} up`);
  await ip(router, `address add ${outside}.2/24 dev wan`);
  await ip(router, 'link set wan up');
  await ip(router, `route add default via ${outside}.1`);
  // A host that knows a route to what is behind the router is stopped by the router itself.
  await ip(internet, `route add ${inside}.0/24 via ${outside}.2`);
  await ip(router, `link add lan type veth peer name lan netns ${host}`);
  await ip(router, `address add ${inside}.1/24 dev lan`);
  await ip(router, 'link set lan up');
  await ip(host, `address add ${inside}.2/24 dev lan`);
  await ip(host, 'link set lan up');
  await ip(host, `route add default via ${inside}.1`);
  let last = 2;
  const forward = 'echo 1 > /proc/sys/net/ipv4/ip_forward';
  await run('ip', ['netns', 'exec', router, 'sh', '-c', forward]);
  for (const rule of [
    '-t nat -A POSTROUTING -o wan -j MASQUERADE',
    '-P INPUT DROP',
    '-P FORWARD DROP',
    '-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    '-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    '-A FORWARD -i lan -o wan -j ACCEPT',
  ]) {
    await run('ip', ['netns', 'exec', router, 'iptables', '-w', ...rule.split(' ')]);
  }
  return {
    prefix: prefixOf(host),
    address: `${inside}.2`,
    publicAddress: `${outside}.2`,
    routerPrefix: prefixOf(router),
    async letOut(rules): Promise<() => Promise<void>> {
      const all = [...rules.map((rule) => `-i lan ${rule} -j ACCEPT`), '-i lan -j DROP'];
      const table = async (action: string, rule: string): Promise<void> => {
        const words = ['-w', action, 'FORWARD', ...rule.split(' ')];
        await run('ip', ['netns', 'exec', router, 'iptables', ...words]);
      };
      for (const rule of all.toReversed()) await table('-I', rule);
      return async () => {
        for (const rule of all) await table('-D', rule);
      };
    },
    async move(): Promise<void> {
      last++;
      await ip(router, 'link set wan down');
      await ip(router, 'address flush dev wan');
      await ip(router, `address add ${outside}.${last}/24 dev wan`);
      await ip(router, 'link set wan up');
      await ip(router, `route add default via ${outside}.1`);
      await ip(internet, `route replace ${inside}.0/24 via ${outside}.${last}`);
      await ip(host, 'address flush dev lan');
      await ip(host, `address add ${inside}.${last}/24 dev lan`);
      await ip(host, `route add default via ${inside}.1`);
    },
    async unplug(): Promise<() => Promise<void>> {
      await ip(host, 'link set lan down');
      return async () => {
        await ip(host, 'link set lan up');
        // Which has gone with the link.
        await ip(host, `route add default via ${inside}.1`);
      };
    },
  };
}

function prefixOf(namespace: string): string[] {
  return ['ip', 'netns', 'exec', namespace];
}

async function ip(namespace: string, command: string): Promise<void> {
  await run('ip', ['-n', namespace, ...command.split(' ')]);
}

async function assertAble(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error('the tests behind NAT need root, for network namespaces: run them as root');
  }
  for (const [program, question, brings] of [
    ['ip', '-V', 'iproute2'],
    ['iptables', '-V', 'iptables'],
    ['setpriv', '-V', 'util-linux'],
  ] as const) {
    await run(program, [question]).catch((cause: unknown) => {
      throw new Error(`the tests behind NAT need ${program}: apt-get install ${brings}`, { cause });
    });
  }
}

async function sweep(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list']);
  for (const [, name = '', pid] of stdout.matchAll(/^(onionferry-nat-(\d+)-\S+)/gm)) {
    if (Number(pid) === process.pid || !isAlive(Number(pid))) await remove(name);
  }
}

/** Ends what still runs in a namespace of ours, and removes it; it may not be there. */
async function remove(name: string): Promise<void> {
  const pids = await run('ip', ['netns', 'pids', name]).catch(() => ({ stdout: '' }));
  for (const pid of pids.stdout.split('\n').map(Number)) {
    if (pid > 0) process.kill(pid, 'SIGKILL');
  }
  await run('ip', ['netns', 'delete', name]).catch((error: unknown) => {
    if (!String(error).includes('No such file')) throw error;
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
