// A guest book behind an onion address, without a framework and without scripts:
//
//   npx tsx examples/page.ts

import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { serve, withEphemeral } from 'onionferry';

const LONGEST = 1_000;

/** Nobody gets here without the password. */
export function guestBook(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const entries: string[] = [];
  return async (request, response) => {
    if (request.method === 'POST') {
      // The browser sends the password along with whatever another site makes it send.
      const { origin, host } = request.headers;
      const isOwn = origin === `http://${host ?? ''}`;
      if (!isOwn || Number(request.headers['content-length'] ?? Infinity) > LONGEST) {
        response.writeHead(isOwn ? 413 : 403).end();
        return;
      }
      const entry = new URLSearchParams(await text(request)).get('entry');
      if (entry !== null) entries.push(entry);
      response.writeHead(303, { location: '/' }).end();
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      // With "no-referrer", which pages have otherwise, browsers hide the origin of forms.
      'referrer-policy': 'same-origin',
      // Whatever somebody writes, nothing runs and nothing is loaded.
      'content-security-policy': "default-src 'none'; form-action 'self'",
    });
    response.end(`<!doctype html><title>Guest book</title><h1>Guest book</h1>
<form method="post"><input name="entry" aria-label="Entry" required><button>Write</button></form>
<ul>${entries.map((entry) => `<li>${escaped(entry)}</li>`).join('')}</ul>`);
  };
}

function escaped(entry: string): string {
  return entry.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await using serving = serve(guestBook(), withEphemeral());
  const { url, user, password } = await serving.online;
  console.log(url, user, password);
  await serving.done;
}
