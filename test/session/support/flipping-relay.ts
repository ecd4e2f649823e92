import type { RelayClient, RelayStream } from '../../../src/relay-protocol/relay-client.js';
import type { ByteChannel } from '../../../src/stream/byte-channel.js';

/** A relay that changes a byte of each stream, always after as many, on the way to this side. */
export function flippingRelay(real: RelayClient, everyBytes: number): RelayClient {
  const flipped = (stream: RelayStream): RelayStream => ({
    channel: stream.channel.then((own) => flipping(own, everyBytes)),
    destroy: () => stream.destroy(),
  });
  return {
    join: (request, options) => real.join(request, options),
    channel: (request, options) => real.channel(request, options),
    dialStream: async (options) => {
      const dialled = await real.dialStream(options);
      return { hello: (where) => flipped(dialled.hello(where)), destroy: () => dialled.destroy() };
    },
    openStream: async (where, options) => flipped(await real.openStream(where, options)),
    close: () => real.close(),
    [Symbol.asyncDispose]: () => real.close(),
  };
}

function flipping(real: ByteChannel, everyBytes: number): ByteChannel {
  let passed = 0;
  return {
    write: (parts) => real.write(parts),
    read: async () => {
      const piece = (await real.read())?.slice();
      if (piece === undefined) return undefined;
      for (let at = everyBytes - (passed % everyBytes) - 1; at < piece.length; at += everyBytes) {
        piece[at] = (piece[at] ?? 0) ^ 1;
      }
      passed += piece.length;
      return piece;
    },
    end: () => real.end(),
    destroy: () => real.destroy(),
    closed: real.closed,
  };
}
