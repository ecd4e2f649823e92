import { randomBytes } from 'node:crypto';
import type { Answer } from '../../onion-http/onion-http-server.js';

/** A path at which siblings answer with nothing; only pages behind the password name it. */
export function newGreeting(): string {
  return `/hello-${randomBytes(16).toString('base64url')}`;
}

/**
 * What siblings answer with, and an empty reply at `greeting`: a page asks for that before it
 * fetches anything, so that its browser has a circuit and a connection when it does.
 */
export function withGreeting(answer: Answer, greeting: string): Answer {
  return (access) => {
    const listener = answer(access);
    return (request, response) => {
      if (request.method !== 'GET' || request.url !== greeting) {
        listener(request, response);
        return;
      }
      access.passed(request);
      response.shouldKeepAlive = request.httpVersion === '1.1';
      // No page may read it: there is nothing in it.
      response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
    };
  };
}
