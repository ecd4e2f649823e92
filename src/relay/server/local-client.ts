import { OnionferryError } from '../../base/errors.js';
import { errorOf, parse, Refusal } from '../../relay-protocol/refusal.js';
import type {
  DialledStream,
  RelayClient,
  RelayStream,
  StreamAddress,
} from '../../relay-protocol/relay-client.js';
import {
  type ChannelState,
  channelRequestSchema,
  type JoinReply,
  joinRequestSchema,
} from '../../relay-protocol/wire.js';
import type { ByteChannel } from '../../stream/byte-channel.js';
import { DuplexChannel } from '../duplex-channel.js';
import { LocalEnd } from '../staple/stream-end.js';
import type { Registry } from './registry.js';

/** The relay for a participant in its own process: no access check, no sockets, the same answers. */
export function createLocalRelayClient(registry: Registry): RelayClient {
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  const close = (): Promise<void> => {
    closing.abort(new OnionferryError('ERR_INTERRUPTED', 'the relay is being closed'));
    for (const giveUp of waiting) giveUp();
    return Promise.resolve();
  };
  const under = (signal?: AbortSignal): AbortSignal =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
  return {
    async join(request, { signal } = {}): Promise<JoinReply> {
      under(signal).throwIfAborted();
      return await translated(() => registry.join(parse(joinRequestSchema, request)));
    },
    async channel(request, { signal } = {}): Promise<ChannelState> {
      const either = under(signal);
      either.throwIfAborted();
      return await translated(() =>
        registry.request(parse(channelRequestSchema, request), { signal: either }),
      );
    },
    async dialStream({ signal } = {}): Promise<DialledStream> {
      under(signal).throwIfAborted();
      return Promise.resolve(localStream(registry, waiting));
    },
    async openStream(where, { signal } = {}): Promise<RelayStream> {
      under(signal).throwIfAborted();
      return Promise.resolve(localStream(registry, waiting).hello(where));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function localStream(registry: Registry, waiting: Set<() => void>): DialledStream {
  let giveUp = (): void => undefined;
  const destroy = (): void => giveUp();
  return {
    hello(where: StreamAddress): RelayStream {
      const channel = new Promise<ByteChannel>((resolve, reject) => {
        const end = new LocalEnd(
          (duplex) => resolve(new DuplexChannel(duplex)),
          (code) => reject(errorOf(code)),
        );
        giveUp = () => {
          end.destroy();
          reject(new OnionferryError('ERR_PEER_GONE', 'the stream was given up'));
        };
        try {
          registry.openStream(where, end);
        } catch (error) {
          reject(translate(error));
        }
      });
      waiting.add(destroy);
      const forget = (): boolean => waiting.delete(destroy);
      channel.then(forget, forget);
      return { channel, destroy };
    },
    destroy,
  };
}

async function translated<Value>(act: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): Error {
  if (error instanceof Refusal) return errorOf(error.wireCode);
  return error instanceof Error ? error : new Error('the relay failed', { cause: error });
}
