import type { RequestListener, ServerResponse } from 'node:http';
import type { Access } from '../../onion-http/access.js';
import { refuse, type TusUploads } from './tus-routes.js';

/** Where the page asks for siblings. */
export const SIBLINGS_PATH = '/uploads/siblings';

const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Referrer-Policy': 'no-referrer',
  Vary: 'Origin',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * All that siblings answer for an inbox: POST /ID?at=OFFSET writes what follows into that upload.
 *
 * It is a request that needs no preflight, which would cost a way through Tor for each of them. None
 * is needed: what opens an upload is its id, which no other page knows, and no cookie or password
 * that a browser adds by itself.
 */
export function siblingListener(tus: TusUploads, access: Access, origin: string): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const id = path.slice(1);
    if (request.method !== 'POST' || !tus.isOpen(id)) {
      // As it would to any address that leads to nothing; the connection is closed.
      response.writeHead(404, { 'Content-Length': 0, Connection: 'close' }).end();
      return;
    }
    access.passed(request, tus.holderOf(id));
    response.shouldKeepAlive = request.httpVersion === '1.1';
    // Not by the request's Origin, for which Tor Browser writes "null".
    response.setHeader('Access-Control-Allow-Origin', origin);
    tus.takeRange(request, id, new URLSearchParams(query).get('at')).then(
      (reply) => sendJson(response, reply),
      (error: unknown) => {
        try {
          refuse(response, error);
          request.resume();
        } catch {
          request.socket.destroy();
        }
      },
    );
  };
}

function sendJson(response: ServerResponse, reply: object): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(reply));
}
