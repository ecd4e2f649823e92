import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type RawData, type WebSocket, WebSocketServer } from 'ws';
import { parse } from '../../relay-protocol/parse.js';
import { Refusal, statusOf, type WireCode, wireErrorOf } from '../../relay-protocol/refusal.js';
import {
  STREAM_LINE_MAX_BYTES,
  WEB_SOCKET_MESSAGE_MAX_BYTES,
  WEB_SOCKET_PATH,
  type WebSocketHello,
  webSocketHelloSchema,
} from '../../relay-protocol/wire.js';
import { SocketEnd } from '../staple/stream-end.js';
import { READ_AHEAD_BYTES, type StreamPortOptions } from './stream-port.js';

export type WebSocketOptions = Omit<StreamPortOptions, 'door'>;

/**
 * Lets pages open streams on the HTTP port: the first message of a WebSocket is its hello, and
 * everything behind that goes both ways as over the stream port.
 */
export function acceptWebSockets(server: Server, options: WebSocketOptions): void {
  const { circuits, accessDelay } = options;
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: WEB_SOCKET_MESSAGE_MAX_BYTES,
    // What goes through is encrypted: nothing of it can be compressed.
    perMessageDeflate: false,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    if (accessDelay.isShut(circuits.caller(request.socket))) {
      socket.destroy();
      return;
    }
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      welcome(webSocket, request, options);
    });
  });
}

/** A page of another origin, in the same browser, has no business here. */
function refusalOf({ url, headers }: IncomingMessage): WireCode | undefined {
  if (url !== WEB_SOCKET_PATH) return 'not-found';
  const isSameOrigin = headers.host !== undefined && headers.origin === `http://${headers.host}`;
  return isSameOrigin ? undefined : 'not-yours';
}

function refuse(socket: Duplex, code: WireCode): void {
  const body = JSON.stringify(wireErrorOf(code));
  socket.end(
    `HTTP/1.1 ${statusOf(code)} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function welcome(webSocket: WebSocket, request: IncomingMessage, options: WebSocketOptions): void {
  const { limits, logger } = options;
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
  { socket }: IncomingMessage,
  { registry, accessDelay, circuits, limits, onPassed }: WebSocketOptions,
): Promise<void> {
  const duplex = createWebSocketStream(webSocket, { highWaterMark: READ_AHEAD_BYTES });
  duplex.on('error', () => undefined);
  const end = new SocketEnd(duplex, socket, limits.lingerMs);
  const caller = circuits.caller(socket);
  try {
    registry.openStream(parseHello(hello), end, caller);
    // Whoever names a participant has been let in before.
    onPassed(socket);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!isUnknown(error.wireCode)) {
      end.refuse(error.wireCode);
      return;
    }
    if (await accessDelay.hold(caller)) end.refuse('unauthorized');
    else webSocket.terminate();
  }
}

/**
 * No door was shown here, so that whoever names a participant nobody knows is held up like one who
 * was wrong at the door, and is not told which channels there are: a channel's name may be the door.
 */
function isUnknown(code: WireCode): boolean {
  return code === 'no-such-channel' || code === 'attempt-ended';
}

function parseHello(message: RawData | undefined): WebSocketHello {
  // Text comes as one Buffer, unless the WebSocket is told otherwise.
  if (!(message instanceof Buffer) || message.length > STREAM_LINE_MAX_BYTES) {
    throw new Refusal('bad-request');
  }
  let json: unknown;
  try {
    json = JSON.parse(message.toString());
  } catch {
    throw new Refusal('bad-request');
  }
  return parse(webSocketHelloSchema, json);
}
