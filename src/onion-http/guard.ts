import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler, Response } from 'express';
import basicAuth from 'express-basic-auth';
import type { AccessCheck, AccessDelay } from './access-check.js';
import type { Circuits } from './circuits.js';

export interface GuardOptions {
  readonly door: AccessCheck;
  readonly accessDelay: AccessDelay;
  readonly circuits: Circuits;
  /** What the refusal says, an object as JSON, a string as HTML; may set headers of its own */
  readonly refusal: (response: Response) => string | object;
  /** Told of each connection, for each request on it, that has shown the right key */
  readonly onPassed?: ((socket: Socket) => void) | undefined;
}

/**
 * Basic auth whose refusals are delayed. It is built for each request because the library's
 * authorizer is not told which request it judges, and one too many has its connection closed.
 */
export function createGuard(options: GuardOptions): RequestHandler {
  const { door, accessDelay, circuits, refusal, onPassed } = options;
  return (request, response, next) => {
    const judge = basicAuth({
      challenge: true,
      // The library sets a realm only; the charset (RFC 7617, section 2.1) goes along in it.
      realm: 'onionferry", charset="UTF-8',
      unauthorizedResponse: () => refusal(response),
      authorizeAsync: true,
      authorizer: (user, password, decide) => {
        if (door(user, password)) {
          decide(null, true);
          return;
        }
        // Whoever is still sending when the connection closes never reads why.
        request.resume();
        void accessDelay.hold(circuits.caller(request.socket)).then((answer) => {
          if (answer) decide(null, false);
          else request.socket.destroy();
        });
      },
    });
    judge(request, response, (error?: unknown) => {
      letIn(request, response, onPassed);
      next(error);
    });
  };
}

/** What whoever has shown the right key is granted. */
export function letIn(
  request: IncomingMessage,
  response: ServerResponse,
  onPassed?: (socket: Socket) => void,
): void {
  response.shouldKeepAlive = mayStay(request);
  onPassed?.(request.socket);
  if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue();
}

/** Only a connection that has passed the door is kept; HTTP/1.0 is not spoken by any client of ours. */
function mayStay({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && !/\bclose\b/i.test(headers.connection ?? '');
}
