import { Router } from 'express';
import { LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { sendPage } from '../design/render-page.js';
import { wording } from '../wording.js';

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
