import type { OnionAddress } from '../../onion/address.js';
import type { Access } from '../../onion-http/access.js';
import type { Caller, Connected } from '../../onion-http/circuits.js';
import { Elsewhere } from '../../relay-protocol/elsewhere.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { JoinReply, JoinRequest, ParticipantId } from '../../relay-protocol/wire.js';
import type { Directory } from '../directory/directory.js';
import { MemoryDirectory } from '../directory/memory-directory.js';
import type { Registry } from './registry.js';
import { isAgreedName } from './returning.js';

/** How often one that drains with nobody else there looks whether somebody is. */
const LOOK_EVERY_MS = 1_000;

export interface BackendOptions {
  /** Its own address, where others send who asks for its channels */
  readonly onion: OnionAddress;
  /** The address that leads to any backend; default none. */
  readonly front?: OnionAddress | undefined;
  readonly directory: Directory;
}

/**
 * This process among the backends of its relay: takes names of channels for it, and sends everybody
 * whose channel is elsewhere there. Who asks for a channel that lives here waits for no directory.
 */
export class Backend {
  readonly #registry: Registry;
  readonly #directory: Directory;
  readonly #options: BackendOptions | undefined;
  #looking: NodeJS.Timeout | undefined;
  /** How many joins are claiming a name: what ends meanwhile must not give it back. */
  readonly #claiming = new Map<string, number>();

  constructor(registry: Registry, options?: BackendOptions) {
    this.#registry = registry;
    this.#options = options;
    this.#directory = options?.directory ?? new MemoryDirectory();
    registry.whenEnded((name) => {
      if (!this.#claiming.has(name)) this.#directory.release(name);
    });
    this.#directory.whenLost((name) => registry.end(name));
  }

  /**
   * @param host as the request names it
   * @throws Refusal; Elsewhere
   */
  async join(request: JoinRequest, caller?: Caller, host?: string): Promise<JoinReply> {
    const reply = await this.#join(request, caller);
    const { front, onion } = this.#options ?? {};
    // The next request by the front would come to any backend.
    const isByFront = front !== undefined && onion !== undefined && host === front;
    return isByFront ? { ...reply, home: onion } : reply;
  }

  /**
   * Lets nobody in any more who begins. Who waits in a channel, or would open one, is sent to another
   * backend, as soon as there is one that does not drain.
   */
  async drain(): Promise<void> {
    // Before: an answer that has come is to be judged, and the store may take seconds.
    const isAnother = await this.#leave();
    this.#registry.drain();
    if (isAnother) this.#registry.moveAway();
    else if (this.#options !== undefined) this.#looking ??= this.#lookForAnother();
  }

  /** Looks for no other backend any more. */
  close(): void {
    clearInterval(this.#looking);
  }

  #lookForAnother(): NodeJS.Timeout {
    let isAsking = false;
    const look = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      const isAnother = await this.#leave();
      isAsking = false;
      if (!isAnother) return;
      clearInterval(this.#looking);
      this.#registry.moveAway();
    };
    return setInterval(() => void look(), LOOK_EVERY_MS).unref();
  }

  /** Without the store who waits stays: nobody could find it elsewhere. */
  #leave(): Promise<boolean> {
    return this.#directory.leave().catch(() => false);
  }

  /** Returns if it is for this backend, or for none. @throws Elsewhere; Refusal no-directory, too-many */
  async lead({
    channel,
    uuid,
  }: {
    readonly channel?: string;
    readonly uuid?: ParticipantId;
  }): Promise<void> {
    if (channel === undefined || this.#registry.isHere({ channel, uuid })) return;
    const isGuessable = !isAgreedName(channel);
    const owner = await this.#directory.find(channel, { isGuessable });
    if (owner !== undefined) throw new Elsewhere(owner);
  }

  /**
   * As `lead`. What the directory refuses is held back like an unknown name, and counted like one if
   * it is: or names could be tried faster where the directory is away, or has had enough.
   *
   * @returns false if the connection is to be closed instead
   */
  async leadGuesser(
    place: { readonly channel?: string; readonly uuid?: ParticipantId },
    connection: Connected,
    access: Access,
  ): Promise<boolean> {
    try {
      await this.lead(place);
      return true;
    } catch (error) {
      const isGuessable = place.channel !== undefined && !isAgreedName(place.channel);
      if (!(error instanceof Refusal) || !isGuessable) throw error;
      const isFailure = error.wireCode === 'too-many';
      if (!(await access.delayRefusal(connection, { isFailure }))) return false;
      throw error;
    }
  }

  async #join(request: JoinRequest, caller: Caller | undefined): Promise<JoinReply> {
    const name = this.#registry.nameFor(request);
    if (this.#registry.isHere({ channel: name })) {
      // Another backend may have taken the name, and let others in there.
      if (!this.#directory.isCertain) throw new Refusal('no-directory');
    } else if (request.role === 'sender') return await this.#open(request, caller, name);
    return this.#registry.join(request, caller, name);
  }

  async #open(request: JoinRequest, caller: Caller | undefined, name: string): Promise<JoinReply> {
    this.#claiming.set(name, (this.#claiming.get(name) ?? 0) + 1);
    let owner: OnionAddress | undefined;
    try {
      owner = await this.#directory.claim(name);
      if (owner !== undefined) throw new Elsewhere(owner);
      return this.#registry.join(request, caller, name);
    } catch (error) {
      if (!(error instanceof Refusal) || error.wireCode !== 'going-away') throw error;
      const other = await this.#directory.handOver(name).catch(() => undefined);
      throw other === undefined ? error : new Elsewhere(other);
    } finally {
      const others = (this.#claiming.get(name) ?? 0) - 1;
      if (others > 0) this.#claiming.set(name, others);
      else {
        this.#claiming.delete(name);
        const isOurs = owner === undefined;
        if (isOurs && !this.#registry.isHere({ channel: name })) this.#directory.release(name);
      }
    }
  }
}
