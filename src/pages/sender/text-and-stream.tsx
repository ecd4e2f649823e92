import { finished } from 'node:stream';
import { Router } from 'express';
import type { VNode } from 'preact';
import { LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { sendPage } from '../design/render-page.js';
import type { Downloads } from '../share/downloads.js';
import type { Words } from '../words/words.js';
import { wordsFor } from '../words/words-for.js';

const TEXT_NAME = 'text.txt';
const TEXT_PATH = `/${TEXT_NAME}`;

/** Shows a text and offers it as a file. Both count as a download of it. */
export function textRoutes(text: string, downloads: Downloads): Router {
  const size = Buffer.byteLength(text);
  const counted = { etag: '', name: TEXT_NAME, size };
  const router = Router({ caseSensitive: true, strict: true });
  router.use((request, _response, next) => {
    downloads.asked(request);
    next();
  });
  router.get(['/', TEXT_PATH], (request, response) => {
    const delivery = downloads.begin(request, response, counted, {
      names: [TEXT_NAME],
      isArchive: false,
    });
    finished(response, () => {
      // HEAD and 304 deliver nothing of the text.
      const isSent = request.method === 'GET' && response.statusCode === 200;
      if (isSent && response.writableFinished) delivery.delivered({ start: 0, end: size });
      delivery[Symbol.dispose]();
    });
    if (request.path === TEXT_PATH) {
      response.attachment(TEXT_NAME).type('text/plain').send(text);
      return;
    }
    const words = wordsFor(request).relay.text;
    sendPage(
      response,
      <Page title={words.title}>
        <div class="head">
          <h1>{words.title}</h1>
          <LinkButton href={TEXT_PATH} download={TEXT_NAME} look="quiet">
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
  return explaining(
    ({ relay }) => relay.stream,
    ({ relay }) => <LinkButton href="/receive">{relay.stream.receive}</LinkButton>,
  );
}

/** Explains that two people compare a phrase first, which no download waits for. */
export function verifyRoutes(): Router {
  return explaining(({ verify }) => verify);
}

interface Explanation {
  readonly title: string;
  readonly lead: string;
}

function explaining(
  explanationIn: (words: Words) => Explanation,
  wayOnIn?: (words: Words) => VNode,
): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/', (request, response) => {
    const words = wordsFor(request);
    const { title, lead } = explanationIn(words);
    const wayOn = wayOnIn?.(words);
    sendPage(
      response,
      <Page title={title}>
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        {wayOn === undefined ? null : <p>{wayOn}</p>}
      </Page>,
    );
  });
  return router;
}
