import type { FerryEvent } from '../../api/events.js';
import { hasCode } from '../../base/errors.js';
import { copiedLine } from '../attention-wording.js';
import { texts } from '../wording.js';
import { copyText, notify } from './desktop.js';
import type { Scene } from './narrator.js';
import type { Screen } from './screen.js';

/** What `--notify` and `--clipboard` make of the events of one call. */
export class Attention {
  readonly #screen: Screen;
  readonly #scene: Scene;
  /** The invitation that was copied last. */
  #copied: string | undefined;

  constructor(screen: Screen, scene: Scene) {
    this.#screen = screen;
    this.#scene = scene;
  }

  tell(event: FerryEvent): void {
    switch (event.event) {
      case 'address':
      case 'online':
        this.#copy(event.invitation);
        break;
      case 'verify':
        this.#notify(texts.notifyVerify);
        break;
      case 'offer':
        if (this.#scene.asks === true) this.#notify(texts.notifyOffer);
        break;
      case 'done':
        this.#notify(texts.notifyDone);
        break;
      default:
        break;
    }
  }

  /** Whoever ends it by hand need not be told. */
  failed(error: unknown): void {
    if (!hasCode(error, 'ERR_INTERRUPTED')) this.#notify(texts.notifyFailed);
  }

  #notify(text: string): void {
    if (this.#scene.notify === true) notify(text, this.#screen.terminal);
  }

  #copy(invitation: string): void {
    if (this.#scene.clipboard !== true || this.#copied === invitation) return;
    this.#copied = invitation;
    void copyText(invitation, this.#screen.terminal).then((copied) => {
      this.#screen.remark(copiedLine(copied));
    });
  }
}
