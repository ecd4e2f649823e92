import { printable } from '../../base/printable.js';
import { AT_ONCE } from '../../pages/parallel/plan.js';
import { DownloadFailure } from '../downloading/download-failure.js';
import { ParallelDownload } from '../downloading/parallel-download.js';
import { element, showOnly } from './element.js';
import { pageWords } from './page-words.js';
import { ProgressBar } from './progress-bar.js';
import { save } from './save.js';

const wording = pageWords();
const words = wording.parallel;

/** Drives the page that downloads over several addresses. */
export class DownloadView {
  readonly #app = element('app', HTMLElement);
  readonly #begin = element('begin', HTMLElement);
  readonly #running = element('running', HTMLElement);
  readonly #done = element('done', HTMLElement);
  readonly #failure = element('failure', HTMLElement);
  readonly #status = element('status', HTMLElement);
  readonly #cancel = element('cancel', HTMLButtonElement);
  readonly #bar = new ProgressBar();
  #download = this.#new();

  start(): void {
    this.#app.hidden = false;
    element('start', HTMLButtonElement).addEventListener('click', () => void this.#run());
    element('again', HTMLButtonElement).addEventListener('click', () => void this.#run());
    if (location.hash !== `#${AT_ONCE}`) return;
    // Not once more when the page is reloaded or restored.
    history.replaceState(null, '', location.pathname);
    this.#download = this.#new(JSON.parse(this.#app.dataset['plan'] ?? 'null'));
    void this.#run();
  }

  /** @param plan what the page came with, while that is new */
  #new(plan?: unknown): ParallelDownload {
    const { planPath = '', base = '' } = this.#app.dataset;
    let arrived = 0;
    return new ParallelDownload({
      ...{ planPath, base, plan },
      onTotal: (bytes) => this.#bar.begin(bytes),
      onProgress: (bytes) => {
        arrived = bytes;
        this.#bar.move(bytes);
      },
      onSources: (count) => {
        if (count > 0) this.#tell(words.circuits(count));
        else this.#tell(arrived === 0 ? words.connecting : words.waiting);
      },
    });
  }

  async #run(): Promise<void> {
    const cancelling = new AbortController();
    this.#cancel.onclick = () => cancelling.abort(new DownloadFailure('cancelled'));
    // Makes the browser ask before it leaves the page.
    const hold = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', hold);
    this.#show(this.#running);
    this.#tell(words.connecting);
    // Not on the button that ends it, which Enter would press.
    element('progress-label', HTMLElement).focus();
    try {
      await this.#keep(await this.#download.run(cancelling.signal));
    } catch (error) {
      this.#fail(error);
    } finally {
      removeEventListener('beforeunload', hold);
    }
  }

  async #keep({ content, sha256 }: Awaited<ReturnType<ParallelDownload['run']>>): Promise<void> {
    const { name = '' } = this.#app.dataset;
    element('sha256', HTMLElement).textContent = sha256;
    const links = await save([{ name, content }], (kept) => words.keepAgain(printable(kept)));
    element('kept', HTMLElement).replaceChildren(...links);
    this.#show(this.#done);
    this.#tell(wording.formats.bytes(content.size));
    element('done-title', HTMLElement).focus();
  }

  #fail(error: unknown): void {
    const kind = error instanceof DownloadFailure ? error.kind : undefined;
    // What has arrived stays for another try if it can still be of use.
    if (kind !== 'lost') this.#download = this.#new();
    const title = kind === 'cancelled' ? words.cancelled : words.failed;
    element('failure-title', HTMLElement).textContent = title;
    element('failure-text', HTMLElement).textContent =
      kind === undefined ? wording.relay.failures.defect : words.failures[kind];
    this.#show(this.#failure);
    this.#tell('');
    this.#failure.focus();
  }

  #show(part: HTMLElement): void {
    showOnly([this.#begin, this.#running, this.#done, this.#failure], part);
  }

  #tell(text: string): void {
    // Screen readers say what is set, also if it was there before.
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}
