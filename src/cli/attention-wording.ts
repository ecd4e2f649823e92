import type { Copied } from './output/desktop.js';
import type { Line } from './output/terminal.js';

/** What `--clipboard` has done. */
export function copiedLine(copied: Copied): Line {
  if (copied === 'no clipboard') return { text: 'warning: no clipboard was found' };
  return {
    text:
      copied === 'asked the terminal'
        ? 'the terminal was asked to copy the invitation; not all can'
        : `the invitation was copied by ${copied.by}`,
  };
}

/** Before the question whether the other side shows it, too. */
export function phraseLines(phrase: string): Line[] {
  return [
    { text: 'compare this phrase with the other side, on the phone or face to face:' },
    { text: '' },
    { text: `  ${phrase}`, tone: 'strong' },
    { text: '' },
  ];
}
