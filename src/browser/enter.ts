import * as v from 'valibot';
import { element } from './view/element.js';
import { takeFragment } from './view/take-fragment.js';

const ENTERED = v.object({ path: v.pipe(v.string(), v.regex(/^\/[\w-]+\/$/)) });

/** Exchanges the token in the fragment for the page; a fragment reaches no log and no other site. */
async function enter(token: string): Promise<void> {
  const response = await fetch('/enter', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(`the program answers with ${response.status}`);
  const { path } = v.parse(ENTERED, await response.json());
  location.replace(path);
}

const token = takeFragment();
if (token !== undefined) {
  element('missing', HTMLElement).hidden = true;
  element('opening', HTMLElement).hidden = false;
  enter(token).catch(() => {
    element('opening', HTMLElement).hidden = true;
    element('refused', HTMLElement).hidden = false;
  });
}
