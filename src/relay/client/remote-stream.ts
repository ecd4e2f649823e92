import type { Socket } from 'node:net';
import { OnionferryError } from '../../base/errors.js';
import type { DialledStream, RelayStream, StreamPlace } from '../access.js';
import { STREAM_LINE_MAX_BYTES, type StreamHello } from '../protocol.js';
import { readLine } from '../read-line.js';
import { errorOf, wireErrorSchema } from '../refusal.js';
import * as v from 'valibot';

const okSchema = v.strictObject({ ok: v.literal(true) });

/** A connection to the stream port of a relay, with nothing said yet. */
export function remoteStream(socket: Socket, authorization: string): DialledStream {
  // Whoever uses the stream hears of its end by 'close'; before that an error has no reader.
  socket.on('error', () => undefined);
  const destroy = (): void => {
    socket.destroy();
  };
  return {
    hello({ channel, uuid, stream }: StreamPlace): RelayStream {
      const hello: StreamHello = { channel, uuid, stream, authorization };
      socket.write(`${JSON.stringify(hello)}\n`);
      const answered = awaitAnswer(socket);
      // A caller that notices by the stream's end must not be ended by this.
      answered.catch(() => undefined);
      return { duplex: Promise.resolve(socket), answered, destroy };
    },
    destroy,
  };
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
