import type { Socket } from 'node:net';

/** The negotiation, the result of user and password, and the reply as far as its code. */
const BYTES_MAX = 6;
const USER_PASSWORD = 2;

export interface SocksReply {
  /** The code of tor's refusal, which the socks package does not tell; undefined if there is none. */
  readonly code: number | undefined;
  /**
   * Takes the socket out of the socks package's hands without losing a byte: by then it has
   * planned to emit what came along with the reply, and to make the socket flow, in the next
   * turn, whether anybody listens or not.
   */
  handOver(): Promise<void>;
  /** Stops listening. */
  stop(): void;
}

/** Listens to a SOCKS5 handshake that the socks package conducts on `socket`. */
export function readSocksReply(socket: Socket): SocksReply {
  let head = Buffer.alloc(0);
  const tap = (chunk: Buffer): void => {
    if (head.length < BYTES_MAX) head = Buffer.concat([head, chunk]).subarray(0, BYTES_MAX);
  };
  socket.on('data', tap);
  return {
    get code(): number | undefined {
      const code = head[head[1] === USER_PASSWORD ? 5 : 3];
      return code === 0 ? undefined : code;
    },
    async handOver(): Promise<void> {
      socket.off('data', tap);
      const early: Buffer[] = [];
      const keep = (chunk: Buffer): void => void early.push(chunk);
      const hold = (): void => undefined;
      // With a listener for 'readable' resume() does not make it flow; 'data' is then emitted
      // by the socks package alone.
      socket.on('readable', hold);
      socket.on('data', keep);
      await new Promise((resolve) => setImmediate(resolve));
      socket.off('data', keep);
      socket.off('readable', hold);
      if (early.length > 0) socket.unshift(Buffer.concat(early));
    },
    stop: () => void socket.off('data', tap),
  };
}
