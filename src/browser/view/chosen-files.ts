import { wording } from '../../pages/wording.js';
import { type Chosen, type ChosenFile, choose } from '../sending/chosen.js';
import { element } from './element.js';

/** What stands in the form. @returns undefined if nothing does; @throws OnionferryError ERR_SOURCE */
export function chosenFiles(): Chosen | undefined {
  const files = ['files', 'folder'].flatMap((id) => [
    ...(element(id, HTMLInputElement).files ?? []),
  ]);
  if (files.length > 0) return choose('files', files.map(fileOf));
  const text = element('note', HTMLTextAreaElement).value;
  if (text === '') return undefined;
  const path = [wording.relay.send.textName];
  return choose('text', [{ path, modified: Date.now(), content: new Blob([text]) }]);
}

function fileOf(file: File): ChosenFile {
  const { name, lastModified: modified } = file;
  // Only files of a chosen folder have one.
  const path = file.webkitRelativePath === '' ? [name] : file.webkitRelativePath.split('/');
  return { path, modified, content: file };
}
