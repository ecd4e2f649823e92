import { render } from 'preact';
import type { DesktopState, DesktopView } from '../../pages/desktop/state.js';
import { DesktopApp } from './desktop-app.js';
import { DesktopClient } from './desktop-client.js';

/** Fills the page, and keeps it up to date. */
export function startDesktop(app: HTMLElement): void {
  // Both were written into the page by the program.
  const view = JSON.parse(app.dataset['view'] ?? '') as DesktopView;
  let state = JSON.parse(app.dataset['state'] ?? '') as DesktopState;
  let isOver = false;
  const actions = new DesktopClient();
  const show = (): void => render(<DesktopApp {...{ view, state, isOver, actions }} />, app);
  show();
  // What misses the field would be opened in place of the page.
  for (const type of ['dragover', 'drop']) {
    addEventListener(type, (event) => event.preventDefault());
  }
  actions.follow(
    (latest) => {
      state = latest;
      isOver = false;
      show();
    },
    () => {
      isOver = true;
      show();
    },
  );
}
