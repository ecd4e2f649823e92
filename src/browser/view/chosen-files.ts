import { printable } from '../../base/printable.js';
import { element } from './element.js';
import { pageWords } from './page-words.js';

/** Nobody reads longer lists, and each row costs the page time. */
const ROWS_MAX = 100;

/** Lists what is chosen in the form, lets it be removed, and adds what is chosen or dropped later. */
export class ChosenFiles {
  readonly #files = element('files', HTMLInputElement);
  readonly #folder = element('folder', HTMLInputElement);
  readonly #list = element('chosen', HTMLElement);
  readonly #area = element('upload-choice', HTMLElement);
  readonly #words = pageWords();
  readonly #onFolder: () => void;
  /** In the field for files; a field forgets them when others are chosen in it. */
  #chosen: readonly File[] = [];

  /** @param onFolder called when a folder is dropped, which a page cannot read */
  constructor(onFolder: () => void) {
    this.#onFolder = onFolder;
  }

  start(): void {
    this.#files.addEventListener('change', () => this.#add(this.#files.files ?? []));
    this.#folder.addEventListener('change', () => this.#draw());
    this.#area.addEventListener('dragover', (event) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      this.#area.classList.add('dropping');
    });
    for (const name of ['dragleave', 'drop'] as const) {
      this.#area.addEventListener(name, () => this.#area.classList.remove('dropping'));
    }
    this.#area.addEventListener('drop', (event) => this.#drop(event));
    // A browser may have kept the choice when the page was reloaded.
    this.#add(this.#files.files ?? []);
  }

  #drop(event: DragEvent): void {
    const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file');
    if (items.length === 0) return;
    event.preventDefault();
    const isFolder = (item: DataTransferItem): boolean =>
      item.webkitGetAsEntry()?.isDirectory === true;
    if (items.some(isFolder)) this.#onFolder();
    this.#add(items.flatMap((item) => (isFolder(item) ? [] : (item.getAsFile() ?? []))));
    // For those who listen to the form, to whom a drop is a choice.
    this.#folder.dispatchEvent(new Event('change', { bubbles: true }));
  }

  #add(added: Iterable<File>): void {
    const known = new Set(this.#chosen.map(keyOf));
    const fresh = [...added].filter((file) => !known.has(keyOf(file)));
    this.#set([...this.#chosen, ...fresh]);
  }

  #set(files: readonly File[]): void {
    this.#chosen = files;
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    this.#files.files = transfer.files;
    this.#draw();
  }

  #draw(): void {
    const { files, formats } = this.#words;
    const { bytes } = formats;
    const inFolder = [...(this.#folder.files ?? [])];
    const rows = this.#chosen
      .slice(0, ROWS_MAX)
      .map((file) => this.#row(file.name, bytes(file.size), () => this.#remove(file)));
    const unlisted = this.#chosen.length - rows.length;
    if (unlisted > 0) rows.push(textRow(this.#words.inbox.received.more(unlisted)));
    if (inFolder.length > 0) {
      const [name = ''] = (inFolder[0]?.webkitRelativePath ?? '').split('/');
      const size = inFolder.reduce((sum, file) => sum + file.size, 0);
      const about = files.count(inFolder.length, size);
      rows.push(this.#row(`${name}/`, about, () => this.#removeFolder()));
    }
    this.#list.replaceChildren(...rows);
    this.#list.hidden = rows.length === 0;
  }

  #remove(file: File): void {
    this.#set(this.#chosen.filter((other) => other !== file));
    // The button that had the focus is gone.
    this.#files.focus();
  }

  #removeFolder(): void {
    this.#folder.value = '';
    this.#draw();
    this.#folder.focus();
  }

  #row(name: string, about: string, remove: () => void): HTMLElement {
    const row = document.createElement('li');
    const label = document.createElement('bdi');
    label.textContent = printable(name);
    const size = document.createElement('span');
    size.textContent = about;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button quiet';
    button.textContent = this.#words.inbox.remove;
    button.setAttribute('aria-label', `${this.#words.inbox.remove} ${printable(name)}`);
    button.addEventListener('click', remove);
    row.append(label, size, button);
    return row;
  }
}

function textRow(text: string): HTMLElement {
  const row = document.createElement('li');
  row.textContent = text;
  return row;
}

/** The same file, chosen twice, is sent once. */
function keyOf({ name, size, lastModified }: File): string {
  return [size, lastModified, name].join(' ');
}
