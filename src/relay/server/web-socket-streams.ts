import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type RawData, type WebSocket, WebSocketServer } from 'ws';
import { callerOf } from '../../onion-http/circuits.js';
import { endWith } from '../../onion-http/onion-http-server.js';
import { onUpgrade } from '../../onion-http/upgrades.js';
import {
  parseJson,
  Refusal,
  statusOf,
  type WireCode,
  wireErrorOf,
} from '../../relay-protocol/refusal.js';
import {
  STREAM_LINE_MAX_BYTES,
  WEB_SOCKET_MESSAGE_MAX_BYTES,
  WEB_SOCKET_PATH,
  type WebSocketHello,
  webSocketHelloSchema,
} from '../../relay-protocol/wire.js';
import { SocketEnd } from '../staple/stream-end.js';
import { READ_AHEAD_BYTES, type StreamPortOptions } from './stream-port.js';

/**
 * Lets pages open streams on the HTTP port: the first message of a WebSocket is its hello, and
 * everything after it is carried both ways, as on the stream port.
 */
export function acceptWebSockets(server: Server, options: StreamPortOptions): void {
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: WEB_SOCKET_MESSAGE_MAX_BYTES,
    // What goes through is encrypted: nothing of it can be compressed.
    perMessageDeflate: false,
  });
  const refuse = (socket: Duplex, code: WireCode): void => {
    const text = JSON.stringify(wireErrorOf(code));
    endWith(socket, statusOf(code), { type: 'application/json', text });
  };
  // Without a listener the reply would be the library's, without headers of ours.
  webSockets.on('wsClientError', (_error, socket) => refuse(socket, 'bad-request'));
  onUpgrade(server, options.access, (request, socket, head) => {
    const code = refusalOf(request);
    if (code !== undefined) {
      refuse(socket, code);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      welcome(webSocket, request, options);
    });
  });
}

/** A page of another origin in the same browser may not connect. */
function refusalOf({ url, headers }: IncomingMessage): WireCode | undefined {
  if (url !== WEB_SOCKET_PATH) return 'not-found';
  const isSameOrigin = headers.host !== undefined && headers.origin === `http://${headers.host}`;
  return isSameOrigin ? undefined : 'not-yours';
}

function welcome(webSocket: WebSocket, request: IncomingMessage, options: StreamPortOptions): void {
  const { limits, logger } = options;
  // 'close' follows, and is what counts; of the stream below as well.
  webSocket.on('error', () => undefined);
  const timer = setTimeout(() => webSocket.terminate(), limits.headMs);
  webSocket.once('close', () => clearTimeout(timer));
  webSocket.once('message', (message, isBinary) => {
    clearTimeout(timer);
    enter(webSocket, isBinary ? undefined : message, request, options).catch((error: unknown) => {
      logger.warn(`relay: a stream failed: ${String(error)}`);
      webSocket.terminate();
    });
  });
}

async function enter(
  webSocket: WebSocket,
  hello: RawData | undefined,
  request: IncomingMessage,
  { registry, access, limits }: StreamPortOptions,
): Promise<void> {
  const duplex = createWebSocketStream(webSocket, { highWaterMark: READ_AHEAD_BYTES });
  duplex.on('error', () => undefined);
  const end = new SocketEnd(duplex, request.socket, limits.lingerMs);
  try {
    registry.openStream(parseHello(hello), end, callerOf(request));
    // A client that knows a participant's uuid has authenticated before.
    access.passed(request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    registry.tally.refused(error.wireCode);
    if (!isUnknown(error.wireCode)) {
      end.refuse(error.wireCode);
      return;
    }
    if (await access.delayRefusal(request)) end.refuse('unauthorized');
    else webSocket.terminate();
  }
}

/**
 * No password was shown here, so an unknown participant is treated like a wrong password, and is not
 * told which channels there are: a channel's name may be the access words.
 */
function isUnknown(code: WireCode): boolean {
  return code === 'no-such-channel' || code === 'attempt-ended';
}

function parseHello(message: RawData | undefined): WebSocketHello {
  // Text comes as one Buffer, unless the WebSocket is told otherwise.
  if (!(message instanceof Buffer) || message.length > STREAM_LINE_MAX_BYTES) {
    throw new Refusal('bad-request');
  }
  return parseJson(webSocketHelloSchema, message.toString());
}
