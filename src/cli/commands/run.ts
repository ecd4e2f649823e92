import { isatty } from 'node:tty';
import type { Command } from 'commander';
import type { FerryEvent } from '../../api/events.js';
import { usageError } from '../../api/options.js';
import { DRAIN_MAX_MS } from '../../api/page-options.js';
import type { Drain, SharedTor } from '../../api/settings.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { parseDuration } from '../arguments.js';
import {
  applyConfig,
  type Config,
  configPath,
  forgetConfig,
  isInEnvironment,
  loadConfig,
  MODES,
  type Setting,
  settingsOf,
} from '../config-file.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Monitor } from '../services/monitor.js';
import { type MonitorAddress, parseMonitorAddress } from '../services/monitor-address.js';
import {
  meansSomethingToAll,
  ownSettings,
  pathsOf,
  readServiceFile,
  type ServiceSection,
  settingsFor,
} from '../services/service-file.js';
import { ServiceLog } from '../services/service-log.js';
import { ServiceSession } from '../services/service-session.js';
import { assertWell, type ServiceState, supervise } from '../services/supervise.js';
import { Systemd } from '../services/systemd.js';
import type { Session } from '../session.js';

const DRAIN_MS = 60_000;

interface RunOptions extends GlobalOptions {
  readonly drain?: number;
  readonly metrics?: MonitorAddress;
}

const EXAMPLES = `
the file has options as in "config", one a line; below [COMMAND NAME] those of
one service, whose identity has its name:

  drain 1m
  [inbox press]
  path /srv/press
  password-file /etc/onionferry/press
  quota 50GB
  [relay public]
  relay-password-file /etc/onionferry/relay

what "config" always gives holds for services that say nothing else.

one that fails is started again, after 5s, 10s and so on up to 5m, and the
others go on. SIGTERM lets nobody in any more, waits for running transfers at
most --drain, and exits with 0. SIGHUP changes nothing: restart to read the
file again. no password is ever printed.

examples:
  onionferry run /etc/onionferry/services
  onionferry run services --metrics /run/onionferry/metrics.sock`;

type CreateProgram = (session: Session) => Command;

/** @param create makes the program that understands the options of each service */
export function registerRun(program: Command, session: Session, create: CreateProgram): void {
  program
    .command('run')
    .summary('run several services over one tor')
    .description('runs the shares, inboxes, sites and relays of a file, over one tor')
    .argument('<file>', 'file that lists the services')
    .option('--drain <time>', 'how long SIGTERM waits for running transfers (1m)', parseDrain)
    .option('--metrics <addr>', 'unix socket or loopback port for health and metrics', (text) =>
      parseMonitorAddress(text),
    )
    .addHelpText('after', EXAMPLES)
    .action((path: string, _: unknown, command: Command) => run(path, command, session, create));
}

/** @throws OnionferryError ERR_USAGE */
function parseDrain(text: string): number {
  const ms = parseDuration(text, '--drain');
  if (ms > DRAIN_MAX_MS) throw usageError('--drain takes at most 1d');
  return ms;
}

/** What would be taken and never used. @throws OnionferryError ERR_USAGE */
function refuseUnused(program: Command): void {
  for (const option of program.options) {
    const name = option.long?.slice(2) ?? '';
    if (program.getOptionValueSource(option.attributeName()) !== 'cli') continue;
    if (meansSomethingToAll(name) || MODES.includes(name) || name === 'no-qr') continue;
    throw usageError(`--${name} is an option of single services; put it below one in the file`);
  }
}

async function run(
  path: string,
  command: Command,
  session: Session,
  create: CreateProgram,
): Promise<void> {
  const program = command.parent ?? command;
  refuseUnused(program);
  const file = readServiceFile(path);
  const common = settingsOf(command, file.common);
  // What the command line, the environment and the configuration say goes before the file.
  const isFree = (setting: Setting): boolean => {
    if (isInEnvironment(setting, session.secrets)) return false;
    const owner = setting.command === undefined ? program : command;
    const option = owner.options.find(({ long }) => long === `--${setting.option}`);
    if (option === undefined) return true;
    const key = option.attributeName();
    // An empty ONIONFERRY_HOME counts as none.
    if (key === 'dataDir' && owner.getOptionValue(key) === '') return true;
    const source = owner.getOptionValueSource(key);
    return source === undefined || source === 'default';
  };
  let { config } = session;
  const home = common.findLast(({ option }) => option === 'data-dir');
  if (home !== undefined && isFree(home)) {
    // The configuration is where the identities are.
    forgetConfig(program);
    config = loadConfig(configPath(home.value), session.secrets);
    applyConfig(program, config.settings.filter(isFree), config.path);
  }
  if (config?.failure !== undefined) throw config.failure;
  applyConfig(program, common.filter(isFree), path);
  const options: RunOptions = command.optsWithGlobals();
  const services = new Services(session, options, create, { path, config });
  await services.check(file.services);
  try {
    await services.run(file.services);
  } catch (error) {
    // SIGTERM came before tor was connected: nothing was served, and nothing has failed.
    if (!hasCode(error, 'ERR_SUSPENDED') || !session.signal.aborted) throw error;
  }
}

/** What services are told by, besides the command line. */
interface Read {
  /** Of the file that lists them */
  readonly path: string;
  readonly config: Config | undefined;
}

class Services {
  readonly #session: Session;
  readonly #options: RunOptions;
  readonly #create: CreateProgram;
  readonly #read: Read;
  readonly #log: ServiceLog;
  readonly #states = new Map<string, ServiceState>();

  constructor(session: Session, options: RunOptions, create: CreateProgram, read: Read) {
    this.#session = session;
    this.#options = options;
    this.#create = create;
    this.#read = read;
    const { terminal, mode } = session.screen;
    this.#log = new ServiceLog(terminal, mode, process.env);
  }

  /** Reads all that they are given, before any of them is started. @throws OnionferryError ERR_USAGE */
  async check(sections: readonly ServiceSection[]): Promise<void> {
    // Their calls end before they do anything.
    const ended = AbortSignal.abort(new OnionferryError('ERR_INTERRUPTED', 'only read'));
    // Nothing is reached through it.
    const close = (): Promise<void> => Promise.resolve();
    const tor: SharedTor = { version: '', close, [Symbol.asyncDispose]: close };
    for (const section of sections) {
      try {
        const drain = { signal: ended, maxMs: 0 };
        await this.#start(section, { tor, drain, signal: ended });
      } catch (error) {
        if (!hasCode(error, 'ERR_INTERRUPTED')) throw error;
      }
    }
  }

  async run(sections: readonly ServiceSection[]): Promise<void> {
    const { drain: drainMs = DRAIN_MS, metrics } = this.#options;
    const log = this.#log;
    this.#session.serve({
      drainMs,
      // A closed terminal ends what runs in it; a service manager is told that this does nothing.
      onHangUp: isatty(2)
        ? undefined
        : () => log.say('warning', 'SIGHUP changes nothing; restart to read the file again'),
    });
    await using systemd = new Systemd(process.env, (message) => log.say('warning', message));
    await using monitor = metrics && (await openMonitor(metrics, sections));
    const { openSharedTor } = await import('../../api/shared-tor.js');
    await using tor = await openSharedTor(...(await commonOptions(this.#options, this.#session)));
    log.say('notice', `tor ${tor.version} is connected`);
    const [drain, end] = [new AbortController(), new AbortController()];
    const { signal } = this.#session;
    const stop = (): void => {
      const isSuspended = hasCode(signal.reason, 'ERR_SUSPENDED');
      log.say('notice', isSuspended ? 'stopping once running transfers are done' : 'ending');
      if (isSuspended) systemd.stopping(drainMs);
      drain.abort(signal.reason);
      if (!isSuspended) end.abort(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const running = sections.map((section) =>
      supervise({
        ending: drain.signal,
        run: (onOnline) =>
          this.#start(section, {
            ...{ tor, drain: { signal: drain.signal, maxMs: drainMs }, signal: end.signal },
            onEvent: (event) => {
              if (event.event === 'online') onOnline();
              monitor?.event(section.name, event);
            },
          }),
        onState: (state) => {
          this.#states.set(section.name, state);
          monitor?.state(section.name, state);
          if (state === 'ended') log.say('notice', 'has ended', section.name);
          this.#tell(systemd, sections.length);
        },
        onFailure: ({ code, message }, what) =>
          log.say('error', `${message}; ${what}`, section.name, { code }),
      }),
    );
    let areWell: boolean[];
    try {
      areWell = await Promise.all(running);
    } finally {
      // Of those that go on while one has found that tor is gone.
      drain.abort(signal.reason);
      end.abort(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
      await Promise.allSettled(running);
      signal.removeEventListener('abort', stop);
    }
    assertWell(areWell, signal);
  }

  #tell(systemd: Systemd, all: number): void {
    const states = [...this.#states.values()];
    const online = states.filter((state) => state === 'online').length;
    const status = `${online} of ${all} services are online`;
    // One that fails keeps the others from nothing.
    const isReady = states.length === all && !states.includes('starting');
    if (isReady) systemd.ready(status);
    else systemd.status(status);
  }

  /** Runs one by its own command, to its end. */
  async #start(section: ServiceSection, how: StartOptions): Promise<void> {
    const { name } = section;
    const session = new ServiceSession({
      ...{ name, log: this.#log, terminal: this.#session.screen.terminal, ...how },
      onHandle: (handle) => {
        handle.onEvent((event) => {
          this.#log.event(section, event);
          how.onEvent?.(event);
        });
      },
    });
    const program = this.#create(session);
    const { path, config } = this.#read;
    if (config !== undefined) applyConfig(program, settingsFor(section, config), config.path);
    const command = program.commands.find((one) => one.name() === section.command) ?? program;
    applyConfig(program, settingsOf(command, ownSettings(section)), path);
    const { dataDir } = this.#options;
    const home = dataDir === undefined || dataDir === '' ? [] : [`--data-dir=${dataDir}`];
    const paths = pathsOf(section);
    await program.parseAsync([...home, section.command, '--', ...paths], { from: 'user' });
  }
}

/** Its library is loaded where it is asked for. */
async function openMonitor(
  address: MonitorAddress,
  sections: readonly ServiceSection[],
): Promise<Monitor> {
  const { Monitor } = await import('../services/monitor.js');
  const names = sections.map(({ name }) => name);
  const relays = sections.filter(({ command }) => command === 'relay').map(({ name }) => name);
  const monitor = new Monitor(address, names, relays);
  await monitor.listen();
  return monitor;
}

interface StartOptions {
  readonly tor: SharedTor;
  readonly drain: Drain;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: FerryEvent) => void;
}
