import type { Socket } from 'node:net';
import * as v from 'valibot';
import { OnionferryError } from '../../base/errors.js';
import { readLine } from '../../onion-http/read-line.js';
import { errorOf, wireErrorSchema } from '../../relay-protocol/refusal.js';
import type {
  DialledStream,
  RelayStream,
  StreamAddress,
} from '../../relay-protocol/relay-client.js';
import { STREAM_LINE_MAX_BYTES, type StreamHello } from '../../relay-protocol/wire.js';

const okSchema = v.strictObject({ ok: v.literal(true) });

/** What a connection to the stream port says first. */
export function helloLine(place: StreamAddress, authorization: string): string {
  const { channel, uuid, stream } = place;
  const hello: StreamHello = { channel, uuid, stream, authorization };
  return `${JSON.stringify(hello)}\n`;
}

/** A connection to the stream port of a relay, with nothing said yet. */
export function dialledStream(socket: Socket, authorization: string): DialledStream {
  quieten(socket);
  return {
    hello(place: StreamAddress): RelayStream {
      socket.write(helloLine(place, authorization));
      return remoteStream(socket);
    },
    destroy(): void {
      socket.destroy();
    },
  };
}

/** A connection to the stream port of a relay that has said which stream it is. */
export function remoteStream(socket: Socket): RelayStream {
  quieten(socket);
  const answered = awaitAnswer(socket);
  // A caller that notices by the stream's end must not be ended by this.
  answered.catch(() => undefined);
  return { duplex: Promise.resolve(socket), answered, destroy: () => void socket.destroy() };
}

/** Whoever uses the stream hears of its end by 'close'; before that an error has no reader. */
function quieten(socket: Socket): void {
  if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore);
}

function ignore(): void {
  // 'close' follows.
}

async function awaitAnswer(socket: Socket): Promise<void> {
  let line: string;
  try {
    line = await readLine(socket, { maxBytes: STREAM_LINE_MAX_BYTES });
  } catch (error) {
    socket.destroy();
    const sentence = 'the stream broke before the other side came';
    throw new OnionferryError('ERR_STREAM', sentence, { cause: error });
  }
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    answer = undefined;
  }
  if (v.is(okSchema, answer)) return;
  socket.destroy();
  const refusal = v.safeParse(wireErrorSchema, answer);
  if (refusal.success) throw errorOf(refusal.output.error.code);
  throw new OnionferryError('ERR_PROTOCOL', 'what answers there is not an onionferry relay');
}
