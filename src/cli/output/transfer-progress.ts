import type { ArrivedEvent, ProgressEvent } from '../../api/events.js';
import { arrivedLine, fileText, ofRecipient, progressText } from '../wording.js';
import type { Screen } from './screen.js';

/** Of a terminal that does not say how many it has. */
const USUAL_ROWS = 24;
/** For the progress, the end of the transfer and a question before it. */
const ROWS_BESIDES_FILES = 8;

/** Shows how far a transfer is: live, with the file that is on its way, and what of it is whole. */
export class TransferProgress {
  readonly #screen: Screen;
  #last: ProgressEvent | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  tell(event: ProgressEvent): void {
    this.#last = event;
    const { bytes, total, recipient } = event;
    this.#screen.show(
      'progress',
      ofRecipient(recipient, progressText(event)),
      total === null ? undefined : total === 0 ? 1 : bytes / total,
      recipient,
      fileText(event),
    );
  }

  /** A line for each file, where all of them fit above the progress. */
  tellArrived(event: ArrivedEvent): void {
    const { isSmart, stderr } = this.#screen.terminal;
    const { files = 0 } = this.#last ?? {};
    const room = (stderr.rows ?? USUAL_ROWS) - ROWS_BESIDES_FILES;
    if (!isSmart || files < 2 || files > room) return;
    this.#screen.remark(arrivedLine(event));
    // The line has replaced what was live.
    if (this.#last !== undefined && this.#last.recipient === event.recipient) this.tell(this.#last);
  }
}
