import { hasCode, OnionferryError } from '../../base/errors.js';
import { element, showOnly } from './element.js';
import { failureText } from './failure-text.js';
import { pageWords } from './page-words.js';
import { ProgressBar } from './progress-bar.js';

/** What the pages that receive and send have in common: their parts, one of which is shown. */
export abstract class TransferView {
  protected readonly app: HTMLElement = element('app', HTMLElement);
  protected readonly form: HTMLFormElement = element('begin', HTMLFormElement);
  protected readonly running: HTMLElement = element('running', HTMLElement);
  protected readonly done: HTMLElement = element('done', HTMLElement);
  protected readonly cancel: HTMLButtonElement = element('cancel', HTMLButtonElement);
  protected readonly bar: ProgressBar = new ProgressBar();
  readonly #failure: HTMLElement = element('failure', HTMLElement);
  readonly #status: HTMLElement = element('status', HTMLElement);

  start(): void {
    this.app.hidden = false;
    element('again', HTMLButtonElement).addEventListener('click', () => {
      this.show(this.form);
      this.tell('');
      this.startOver();
    });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#run();
    });
  }

  /** The part between the form and the transfer. */
  protected abstract readonly meanwhile: HTMLElement;

  /** What the form asks for, until it is done. */
  protected abstract transfer(signal: AbortSignal): Promise<void>;

  /** Called when the form is shown once more. */
  protected startOver(): void {
    // A page with one field moves the focus there.
  }

  protected fail(error: unknown): void {
    const { cancelled, failed } = pageWords().relay;
    const isCancelled = hasCode(error, 'ERR_INTERRUPTED');
    element('failure-title', HTMLElement).textContent = isCancelled ? cancelled : failed;
    element('failure-text', HTMLElement).textContent = failureText(error);
    this.show(this.#failure);
    this.tell('');
    this.#failure.focus();
  }

  protected show(part: HTMLElement | undefined): void {
    showOnly([this.form, this.meanwhile, this.running, this.done, this.#failure], part);
  }

  protected tell(text: string): void {
    this.#status.textContent = text;
  }

  /** Shows that it is done. @param text beside it */
  protected finish(text: string): void {
    this.show(this.done);
    this.tell(text);
    element('done-title', HTMLElement).focus();
  }

  async #run(): Promise<void> {
    const cancelling = new AbortController();
    // Makes the browser ask before it leaves the page.
    const hold = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', hold);
    this.cancel.onclick = () => {
      cancelling.abort(new OnionferryError('ERR_INTERRUPTED', 'cancelled'));
    };
    try {
      await this.transfer(cancelling.signal);
    } catch (error) {
      this.fail(error);
    } finally {
      removeEventListener('beforeunload', hold);
    }
  }
}
