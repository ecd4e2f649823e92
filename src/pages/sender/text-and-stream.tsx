import { finished } from 'node:stream';
import { Router } from 'express';
import { LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { sendPage } from '../design/render-page.js';
import { wording } from '../wording.js';

const TEXT_PATH = '/text.txt';

/** Shows a text and offers it as a file. @param onServed called when a browser has all of it */
export function textRoutes(text: string, onServed: (bytes: number) => void): Router {
  const words = wording.relay.text;
  const bytes = Buffer.byteLength(text);
  const router = Router({ caseSensitive: true, strict: true });
  router.get(['/', TEXT_PATH], (request, response) => {
    finished(response, (error) => {
      // HEAD and 304 deliver nothing of the text.
      const isServed = request.method === 'GET' && response.statusCode === 200;
      if (isServed && (error === undefined || error === null)) onServed(bytes);
    });
    if (request.path === TEXT_PATH) {
      response.attachment('text.txt').type('text/plain').send(text);
      return;
    }
    sendPage(
      response,
      <Page title={words.title}>
        <div class="head">
          <h1>{words.title}</h1>
          <LinkButton href={TEXT_PATH} download="text.txt" look="quiet">
            {words.download}
          </LinkButton>
        </div>
        <textarea class="code" readOnly rows={16} aria-label={words.title}>
          {text}
        </textarea>
      </Page>,
    );
  });
  return router;
}

/** Explains that a stream can be sent only once and verified, so there is no plain download. */
export function streamRoutes(): Router {
  const words = wording.relay.stream;
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/', (_request, response) => {
    sendPage(
      response,
      <Page title={words.title}>
        <h1>{words.title}</h1>
        <p class="lead">{words.lead}</p>
        <p>
          <LinkButton href="/receive">{words.receive}</LinkButton>
        </p>
      </Page>,
    );
  });
  return router;
}
