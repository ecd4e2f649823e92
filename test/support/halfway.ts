import { open, readdir, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FRAME_CONTENT_BYTES } from '../../src/stream/frame.js';
import type { Ferry } from './ferry.js';
import { namesBelow } from './left-behind.js';
import { dataOf, SLOW_LINE, type Stage, type StartOptions } from './stage.js';

/** Of what takes minutes on a slow line. */
const LARGE_BYTES = 60_000_000;

export interface HalfwayOptions {
  /** What is sent; a large file over a slow line unless told. */
  readonly path?: string;
  /** More arguments of `send` and `receive`. */
  readonly sending?: readonly string[];
  readonly receiving?: readonly string[];
  readonly sender?: StartOptions;
  readonly recipient?: StartOptions;
  /** That have come; at least one unless told. */
  readonly bytes?: number;
  /** The stage's folder that is received into; `to` unless told. */
  readonly out?: string;
}

/** Two sides in the middle of a transfer, either of which may be killed and started again. */
export class TwoSides {
  readonly #stage: Stage;
  readonly #options: HalfwayOptions;
  readonly senderHome: string;
  readonly recipientHome: string;
  readonly onion: string;
  readonly invitation: string;
  /** Those that were started last. */
  sender: Ferry;
  recipient: Ferry;

  private constructor(
    stage: Stage,
    options: HalfwayOptions,
    sides: Pick<TwoSides, 'senderHome' | 'recipientHome' | 'sender' | 'recipient'>,
    { onion, invitation }: { readonly onion: string; readonly invitation: string },
  ) {
    this.#stage = stage;
    this.#options = options;
    this.senderHome = sides.senderHome;
    this.recipientHome = sides.recipientHome;
    this.sender = sides.sender;
    this.recipient = sides.recipient;
    this.onion = onion;
    this.invitation = invitation;
  }

  static async meet(stage: Stage, options: HalfwayOptions): Promise<TwoSides> {
    const [senderHome, recipientHome] = [stage.home(), stage.home()];
    const { path = await largeFile(stage), sending = [], bytes = 1 } = options;
    const sender = await stage.start(['send', '--json', ...sending, path], {
      home: senderHome,
      ...options.sender,
    });
    const online = await sender.told('online');
    const recipient = await stage.start(receiveArgs(stage, options), {
      home: recipientHome,
      input: online.invitation,
      ...(options.path === undefined && SLOW_LINE),
      ...options.recipient,
    });
    const homes = { senderHome, recipientHome };
    const sides = new TwoSides(stage, options, { ...homes, sender, recipient }, online);
    await sides.carried(bytes);
    return sides;
  }

  /** Resolves when this many bytes have arrived, fetched by this recipient or an earlier one. */
  async carried(bytes: number): Promise<void> {
    await this.recipient.told('progress', (progress) => progress.bytes >= bytes);
  }

  /** Starts the sender again, without the words. */
  async resumeSend(): Promise<Ferry> {
    this.sender = await this.#stage.start(['send', '--json', '--resume'], {
      ...withoutInput(this.#options.sender),
      home: this.senderHome,
    });
    return this.sender;
  }

  /** Starts the recipient again, by default without the words. */
  async receiveAgain(input = ''): Promise<Ferry> {
    this.recipient = await this.#stage.start(receiveArgs(this.#stage, this.#options), {
      ...withoutInput(this.#options.recipient),
      home: this.recipientHome,
      input,
    });
    return this.recipient;
  }

  /** Resolves when both have ended well. */
  async arrive(patienceMs?: number): Promise<void> {
    await Promise.all([this.recipient.exits(0, patienceMs), this.sender.exits(0, patienceMs)]);
  }

  /** What is kept on either side to resume a transfer. */
  async kept(): Promise<string[]> {
    const received = await readdir(this.#out).catch(() => []);
    return [
      ...(await recordsOf(this.senderHome)),
      ...(await recordsOf(this.recipientHome)),
      ...received.filter((name) => name.startsWith('.')),
    ];
  }

  /** The hidden folder that is written into. */
  async partFolder(): Promise<string> {
    const names = await readdir(this.#out);
    const part = names.find((name) => /^\.onionferry-.*\.part$/.test(name));
    if (part === undefined) throw new Error(`no hidden folder is among ${names.join(', ')}`);
    return join(this.#out, part);
  }

  get #out(): string {
    return this.#stage.at(this.#options.out ?? 'to');
  }

  /** Where the one file that is sent stands at the end. */
  get received(): string {
    return join(this.#out, basename(this.#options.path ?? 'large'));
  }
}

/** Two sides in the middle of a transfer; what has come goes below `to`. */
export async function halfway(stage: Stage, options: HalfwayOptions = {}): Promise<TwoSides> {
  return await TwoSides.meet(stage, options);
}

/** What a program keeps of transfers that are not at their end. */
export async function recordsOf(home: string): Promise<string[]> {
  return await namesBelow(join(dataOf(home), 'transfers'));
}

async function largeFile(stage: Stage): Promise<string> {
  const path = await stage.file('from/large', '');
  await truncate(path, LARGE_BYTES);
  await using file = await open(path, 'r+');
  // A piece that is nothing but zeros would take no time at all.
  const something = Buffer.of(1);
  for (let at = 0; at < LARGE_BYTES; at += FRAME_CONTENT_BYTES)
    await file.write(something, 0, 1, at);
  return path;
}

function receiveArgs(
  stage: Stage,
  { out = 'to', receiving = [] }: HalfwayOptions,
): readonly string[] {
  return ['receive', '--json', '--out', stage.at(out), ...receiving];
}

/** A resumed side has neither words nor a relay's password. */
function withoutInput({ prefix, bytesPerSecond }: StartOptions = {}): StartOptions {
  return {
    ...(prefix !== undefined && { prefix }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
  };
}
