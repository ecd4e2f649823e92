import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { startPrivateNetwork } from '../../private-network/start.js';
import { findOrInstallTor } from '../../tor/program/install-tor.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { withDataDir, withEphemeral, withLogger, withSignal, withTor } from '../options.js';
import { withOutput } from '../receive-options.js';
import type { Option, Settings } from '../settings.js';
import { settingsFor } from '../verb-options.js';
import { receive } from './receive.js';
import { send } from './send.js';

const DEMO_BYTES: number = 20 * 1024 * 1024;

export interface DemoSummary extends TransferSummary {
  readonly onion: string;
  readonly password: string;
  /** Bytes per second. */
  readonly rate: number;
  /** Whether the received file equals the sent one. */
  readonly identical: boolean;
}

/**
 * A whole transfer on this machine: a private Tor network on loopback, a sender, a recipient and a
 * comparison. Needs no internet, except to install tor.
 *
 * @example
 * ```ts
 * const { identical, rate } = await demo({ bytes: 5_000_000 }).done;
 * ```
 */
export function demo(
  what: { readonly bytes?: number } = {},
  ...options: readonly Option<'demo'>[]
): Handle<DemoSummary> {
  const settings = settingsFor('demo', options);
  return start((work) => run(what.bytes ?? DEMO_BYTES, settings, work), settings.signal);
}

async function run(bytes: number, settings: Settings, work: Work): Promise<DemoSummary> {
  const { emit, signal } = work;
  const { dataDir } = settings;
  const program = await findOrInstallTor({
    dataDir,
    signal,
    ...(settings.tor.program !== undefined && { program: settings.tor.program }),
    onProgress: (progress) => emit({ event: 'install', ...progress }),
  });
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-demo-'));
  try {
    emit({ event: 'waiting', reason: 'starting a private Tor network on this machine' });
    await using network = await startPrivateNetwork({
      program,
      directory: join(directory, 'network'),
      signal,
    });
    const file = join(directory, 'demo.bin');
    await writeRandom(file, bytes, signal);
    const found: Option = (settings) => {
      settings.foundTor = program;
    };
    const common = [
      withSignal(signal),
      withLogger(settings.logger),
      found,
      withTor({ torrc: network.torrc }),
    ];
    emit({ event: 'waiting', reason: "starting the sender's tor" });
    await using sending = send(
      [file],
      withDataDir(join(directory, 'sender')),
      withEphemeral(),
      ...common,
    );
    for (const name of ['tor', 'online'] as const) sending.on(name, emit);
    const { onion, password, invitation } = await sending.online;
    emit({ event: 'waiting', reason: "starting the recipient's tor" });
    const output = join(directory, 'received');
    await using receiving = receive(
      invitation,
      withDataDir(join(directory, 'recipient')),
      withOutput(output),
      ...common,
    );
    for (const name of ['tor', 'peer', 'progress', 'file'] as const) receiving.on(name, emit);
    const [summary] = await Promise.all([receiving.done, sending.done]);
    emit({ event: 'done', ...summary });
    const identical = (await hashOf(file)) === (await hashOf(join(output, 'demo.bin')));
    const rate = summary.seconds > 0 ? Math.round(bytes / summary.seconds) : 0;
    return { ...summary, onion, password, rate, identical };
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function writeRandom(path: string, bytes: number, signal: AbortSignal): Promise<void> {
  const block = new Uint8Array(1024 * 1024);
  await using file = await open(path, 'wx', 0o600);
  for (let left = bytes; left > 0; left -= block.length) {
    signal.throwIfAborted();
    // Where the one before has ended.
    await file.writeFile(randomFillSync(block).subarray(0, Math.min(left, block.length)));
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
