import { bytesText, countText } from '../base/quantities.js';

/** What the pages of an inbox say; a section of the pages' wording. */
export const inboxWording = {
  title: 'Send files',
  lead: 'Your files travel over Tor directly to the computer of the person who gave you this address. No server in between keeps a copy.',
  files: 'Files',
  filesHint: 'Choose as many as you like, or drop them here.',
  chosen: 'Chosen files',
  remove: 'Remove',
  folderDropped: {
    title: 'Folders cannot be dropped here',
    sentence: 'Use the field “Folder” to send everything in a folder.',
  },
  folder: 'Folder',
  folderHint: 'Sends everything in the folder.',
  kindsAccepted: (kinds: readonly string[]): string => `Accepted file types: ${kinds.join(', ')}.`,
  kindsDenied: (kinds: readonly string[]): string =>
    `File types not accepted: ${kinds.join(', ')}.`,
  perFile: (bytes: number): string => `Up to ${bytesText(bytes)} per file.`,
  perUpload: (bytes: number): string => `Up to ${bytesText(bytes)} per upload.`,
  filesAtOnce: (count: number): string => `Up to ${countText(count, 'file')} per upload.`,
  note: 'Note',
  noteHint: 'Optional. You can also send a note without any files.',
  noteFileName: 'note.txt',
  /** What a file is called that a program has sent without a name */
  nameless: 'upload',
  submit: 'Send',
  patience: 'Keep this page open until it confirms that everything has arrived.',
  progress: 'Uploading',
  /** @param others besides the first */
  progressOf: (first: string, others: number): string =>
    others === 0 ? `Uploading ${first}` : `Uploading ${first} and ${countText(others, 'other')}`,
  /** Everything has left the browser, and the inbox is still saving it. */
  lastBytes: 'Everything has been sent. Waiting for confirmation…',
  cancel: 'Cancel',
  cancelledTitle: 'Upload cancelled',
  cancelled: 'Nothing was saved. The files you chose are still selected.',
  brokenTitle: 'Connection lost',
  broken: 'The upload was interrupted, and nothing was saved. Please send it again.',
  brokenKept:
    'The upload was interrupted. Send the same files again: large files continue where they stopped.',
  continues:
    'If this page closes, open it again and choose the same files: large files continue where they stopped.',
  received: {
    title: 'Upload complete',
    lead: (count: number, bytes: number): string =>
      `Received and saved: ${countText(count, 'file')}, ${bytesText(bytes)}. You can compare the SHA-256 checksums with those of your own files.`,
    caption: 'Received files',
    name: 'Name',
    size: 'Size',
    sha256: 'SHA-256',
    more: (count: number): string => `And ${countText(count, 'more file')}.`,
    again: 'Send more files',
    receipt: (id: string): string => `Receipt ${id}`,
  },
  closed: {
    title: 'The inbox is full',
    sentence: 'It accepts no more uploads. Please contact the person who gave you the address.',
  },
  /** By the reason of an UploadRefusal. Each sentence says that nothing was saved. */
  refused: {
    title: {
      'file-too-large': 'File too large',
      'upload-too-large': 'Upload too large',
      'too-many-files': 'Too many files',
      'note-too-long': 'Note too long',
      'kind-refused': 'File type not accepted',
      'name-refused': 'File name not accepted',
      'inbox-full': 'The inbox is full',
      'disk-full': 'Not enough disk space',
      busy: 'Too busy right now',
      'check-refused': 'Upload refused',
      'check-failed': 'Could not be checked',
      'foreign-page': 'Upload blocked',
      'broken-form': 'Upload incomplete',
      'empty-form': 'Nothing to send',
    },
    'file-too-large': (name: string, limit: number): string =>
      `“${name}” is larger than ${bytesText(limit)}, the limit for one file. Nothing was saved. Leave it out and try again.`,
    'upload-too-large': (limit: number): string =>
      `One upload can be up to ${bytesText(limit)}. Nothing was saved. Send your files in several uploads.`,
    'too-many-files': (limit: number): string =>
      `One upload can contain up to ${countText(limit, 'file')}, including folders. Nothing was saved. Send your files in several uploads.`,
    'note-too-long': (limit: number): string =>
      `A note can be up to ${bytesText(limit)} long. Nothing was saved. Send a longer text as a file.`,
    'kind-refused': (name: string): string =>
      `The inbox does not accept files such as “${name}”. Nothing was saved. Leave it out and try again.`,
    'name-refused': (name: string): string =>
      `“${name}” cannot be used as a file name. Nothing was saved. Rename the file and send it again.`,
    'inbox-full': 'The inbox does not have enough room for this upload. Nothing was saved.',
    'disk-full':
      'The receiving computer does not have enough free disk space for this upload. Nothing was saved.',
    'check-refused':
      'The receiving computer checked this upload and refused it. Nothing was saved. Please contact the person who gave you the address.',
    'check-failed':
      'The receiving computer could not check this upload. Nothing was saved. Try again later, or contact the person who gave you the address.',
    busy: 'Too many uploads are in progress. Nothing was saved. Try again in a minute.',
    'foreign-page':
      'This upload did not come from this page; another site may have tried to send it in your name. Nothing was saved.',
    'broken-form':
      'The upload arrived damaged or was cut off. Nothing was saved. Please send it again.',
    'empty-form': 'Choose files or a folder, or write a note.',
    back: 'Back to the form',
  },
} as const;
