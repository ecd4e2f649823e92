import { formatsFor } from './formats.js';

/*
 * Every text of the pages, in English: short, plain, and saying what to do next. Sentences end with a
 * full stop; titles, labels and buttons do not. One section for each feature. Other languages have
 * the same ones: `Words` asks for them.
 */

const { bytes: sizeOf, count: countOf, number } = formatsFor('en');

export const en = {
  language: 'en',
  brand: { name: 'onionferry' },
  layout: {
    skip: 'Skip to main content',
    trail: 'Path to this folder',
    footer: 'Served over Tor. This page loads nothing from other sites.',
  },
  /** By the kind of PageRefusal */
  errors: {
    'bad-request': {
      title: 'Bad request',
      sentence: 'The server did not understand this request. Go back and try again.',
    },
    'not-found': {
      title: 'Page not found',
      sentence: 'There is nothing at this address. It may have been moved or removed.',
    },
    'method-not-allowed': {
      title: 'Not supported',
      sentence: 'This page does not support that kind of request.',
    },
    expired: {
      title: 'No longer available',
      sentence:
        'This address was available for a limited time only. Ask the person who gave it to you for a new one.',
    },
    'limit-reached': {
      title: 'Download limit reached',
      sentence:
        'These files could be downloaded only a limited number of times. Ask the person who gave you the address to share them again.',
    },
    'too-large': {
      title: 'Too large',
      sentence: 'This is larger than the server accepts. Nothing was saved.',
    },
    'archive-too-large': {
      title: 'Too much for one ZIP file',
      sentence:
        'There are too many files and folders, or they are nested too deep. Go back, open a folder and download less at a time.',
    },
    internal: {
      title: 'Something went wrong',
      sentence:
        'The problem is on the server, not on your side. Try again, or tell the person who gave you the address.',
    },
    'downloads-at-once': {
      title: 'Too many downloads at once',
      sentence:
        'You have as many downloads running as this server allows at a time. Try again when one of them has ended.',
    },
    busy: {
      title: 'Too busy right now',
      sentence: 'The server is handling too many requests. Try again in a minute.',
    },
  },
  errorBack: 'Go to the start page',
  login: {
    title: 'Please log in',
    user: 'User name',
    password: 'Password',
    /** By what the access check wants */
    kinds: {
      transfer: {
        lead: 'Reload this page. When the browser asks, enter what is in the invitation you were given.',
        password: 'all the words after # in the invitation link, up to the first semicolon if any',
        hint: 'An invitation link looks like http://….onion/#word-word-word-word-word-word.',
      },
      relay: {
        lead: 'Reload this page. When the browser asks, enter the login of this relay.',
        password:
          'that of this relay; in an invitation link, it is what follows “relay=” (%20 is a space)',
        hint: 'Do not enter the password of a transfer here. The page asks for it after you have logged in.',
      },
      given: {
        lead: 'Reload this page. When the browser asks, enter the user name and the password that you were given with this address.',
      },
    },
  },
  files: {
    columns: { name: 'Name', size: 'Size', time: 'Modified (UTC)' },
    folder: 'Folder',
    /** Beside a picture or a text in a list */
    preview: 'View',
    /** Beside a folder in a list */
    archive: 'Download as ZIP',
    count: (count: number, bytes: number): string =>
      `${countOf(count, 'file', 'files')}, ${sizeOf(bytes)}`,
  },
  pager: {
    earlier: 'Previous',
    later: 'Next',
    pageOf: (page: number, pages: number): string => `Page ${number(page)} of ${number(pages)}`,
    jump: 'Go to page',
    jumpButton: 'Go',
  },
  share: {
    /** Titles the start page if several things are shared, which have no name together */
    title: 'Shared files',
    everything: 'Download all',
    /** For a single file */
    only: 'Download',
    everythingHint:
      '“Download all” gives you one ZIP file. You can resume it if it is interrupted.',
    tooMuchForZip: (entries: number, depth: number): string =>
      `This is more than fits into one ZIP file, which holds up to ${number(entries)} files and folders, nested up to ${number(depth)} deep. Open a folder to download less at a time.`,
    table: (folder: string): string => `Files and folders in ${folder}`,
    empty: 'This folder is empty.',
    /** If there are too many entries to count the files in them */
    many: (count: number): string => countOf(count, 'item', 'items'),
    pages: 'Pages of this folder',
    search: 'Search this folder',
    searchButton: 'Search',
    /** Leads back to the whole list */
    searchEnd: 'Show all',
    found: (count: number, all: number): string =>
      `${number(count)} of ${countOf(all, 'item', 'items')} found`,
    notFound: (search: string): string => `No name in this folder contains “${search}”.`,
    leftOut: (count: number): string =>
      `${countOf(count, 'item', 'items')} in this folder cannot be downloaded:`,
    /** By the reason of what is hidden */
    leftOutBecause: {
      link: 'a symbolic link',
      special: 'a pipe, socket or device',
      unreadable: 'cannot be read',
      untold: 'its size is unknown',
      gone: 'no longer there',
    },
    leftOutMore: (count: number): string => `and ${number(count)} more`,
  },
  site: {
    root: 'All files',
  },
  relay: {
    trust:
      'You have to trust whoever runs this relay: they could change this page so that it reveals what you send or receive. The onionferry program does not have this weakness.',
    receive: {
      title: 'Receive files',
      lead: 'Enter the password you got from the sender. Everything is decrypted and verified in this page.',
      code: 'Password',
      codeHint: 'Five or more words, such as word-word-word-word-word, or a whole invitation link.',
      start: 'Receive',
      other: 'Send files instead',
      offer: 'Do you want to receive this?',
      accept: 'Accept',
      decline: 'Decline',
      unknownSize: (limit: number): string =>
        `The total size is not known yet. This page can receive up to ${sizeOf(limit)}.`,
      asZip: (name: string): string => `It will be saved as one file, “${name}”.`,
      linksLeftOut: 'Symbolic links are left out, because a browser cannot create them.',
      text: 'Text',
      done: 'Transfer complete',
      doneLead: 'Everything was received and verified. Look in your browser’s download folder.',
      textLead: 'The text was received and verified.',
      keepAgain: (name: string): string => `Save “${name}” again`,
      keepText: 'Save as a file',
      textName: 'text.txt',
      caption: 'Offered files',
    },
    send: {
      title: 'Send files',
      lead: 'Choose files or a folder, or write a text. It is encrypted in this page and leaves your computer only when someone with the password receives it.',
      other: 'Receive files instead',
      files: 'Files',
      folder: 'Folder',
      text: 'Text',
      textHint: 'Sent only if you choose no files.',
      start: 'Create invitation',
      waiting: 'Ready to send: give this invitation to the recipient',
      invitation: 'Invitation link',
      invitationHint: 'The link contains the password. Send it only in a private way.',
      browserHint:
        'In Tor Browser, the link first asks for a login: the user name is “ferry”, and the password is the one you logged in to this relay with. It is in the link, after “relay=”.',
      code: 'Password only',
      copy: 'Copy link',
      copied: 'Link copied.',
      copyYourself:
        'Your browser does not let this page copy. The link is selected, so you can copy it yourself.',
      patience: 'Keep this page open. It is waiting for the recipient to connect.',
      done: 'Transfer complete',
      doneLead: 'The recipient has received and verified everything.',
      nothing: 'Choose files or a folder, or write a text.',
      textName: 'text.txt',
    },
    states: {
      looking: 'Looking for the sender…',
      proving: 'Checking the password…',
      waitingFor: (what: string): string => `Waiting: ${what}.`,
      asked: 'Waiting for your decision.',
      running: 'Transferring…',
      checking: 'Saving the files…',
      away: 'Connection lost. Reconnecting…',
      preparing: 'Preparing…',
      joined: 'Someone has connected. Checking their password…',
      rejected: 'Someone connected with a wrong password. Still waiting for the right one.',
      declining: 'Waiting for the recipient to accept…',
    },
    text: { title: 'A text for you', download: 'Save as a file' },
    stream: {
      title: 'Ready to receive',
      lead: 'The sender creates this content while sending it. It can be sent only once, and cannot be downloaded like a file. Receive it in this page or with the onionferry program.',
      receive: 'Receive in this page',
    },
    progressLabel: 'Progress',
    progress: (bytes: string, total?: string, rate?: string, left?: string): string =>
      `${bytes}${total === undefined ? '' : ` of ${total}`}${rate === undefined ? '' : `, ${rate}`}${left === undefined ? '' : `, ${left} left`}`,
    cancel: 'Cancel',
    again: 'Start over',
    failed: 'Transfer failed',
    cancelled: 'Transfer cancelled',
    failures: {
      byCode: {
        ERR_PASSWORD: 'The password is wrong. Check it with the sender and enter it again.',
        ERR_STREAM:
          'The data was changed on its way, by this relay or by something else between you and the other side. Nothing was kept.',
        ERR_CHANNEL_MISSING:
          'Nobody is sending with this password right now. Check the password, and ask the sender whether the transfer is still running.',
        ERR_CHANNEL_FULL:
          'Someone else is already receiving this. Ask the sender to send it again.',
        ERR_PEER_GONE:
          'The other side left before the transfer was complete. Ask them to start again.',
        ERR_RELAY: 'This address no longer responds. Try again in a minute.',
        ERR_RELAY_BUSY: 'The relay is too busy right now. Try again in a minute.',
        ERR_REFUSED: 'The transfer was declined. Nothing was kept.',
        ERR_HOSTILE_NAME:
          'A file name in this transfer could harm your computer. Nothing was kept. Be careful with this sender.',
        ERR_CURVE:
          'The sender uses a different curve from your invitation. Ask the sender for the whole invitation link.',
        ERR_INTERRUPTED: 'Nothing was kept.',
        ERR_SOURCE: 'Your browser could not read the files you chose. Choose them again.',
      },
      tooLarge:
        'The transfer has grown larger than this page can hold. Use the onionferry program instead.',
      defect: 'An unexpected error occurred. Reload this page and try again.',
    },
    tooLarge: (bytes: number, limit: number, files: number): string =>
      `This transfer is ${sizeOf(bytes)}. This page keeps everything in memory and can receive up to ${sizeOf(limit)} or ${countOf(files, 'file', 'files')}.`,
    tooLargeOwn:
      'To download it at any size, restart your browser, open this address again and log in as “ferry” with the full password.',
    tooLargeShared:
      'Use the onionferry program with a new password from the sender. Or ask the sender to send without a relay; then you can download it with any browser.',
    noScript: {
      title: 'This page needs JavaScript',
      shared:
        'It decrypts the files in your browser. Set the security level of Tor Browser to “Safer” or “Standard” and reload, or use the onionferry program. If the sender sends without a relay, you can also download without JavaScript.',
      own: 'It decrypts the files in your browser. Set the security level of Tor Browser to “Safer” or “Standard” and reload. To download without JavaScript, restart your browser, open this address again and log in as “ferry” with the full password.',
    },
  },
  /** What browsers are shown where a phrase is to be compared, which they do not have */
  verify: {
    title: 'Only with the program',
    lead: 'The sender wants to compare a phrase with you before anything is sent, which needs the onionferry program on your side: onionferry receive --verify.',
  },
  /** What the page says that fetches over several addresses */
  parallel: {
    /** In lists, beside the link that downloads something, and beside the one for all of it */
    faster: 'Faster',
    everythingFaster: 'Faster download',
    lead: 'This page fetches over several Tor circuits at once, which is faster than one. It keeps everything in memory, verifies it, and saves it when it is complete.',
    start: 'Start download',
    plain: 'Plain download',
    progress: 'Downloading',
    cancel: 'Cancel',
    connecting: 'Connecting…',
    circuits: (count: number): string => `Using ${countOf(count, 'circuit', 'circuits')}.`,
    waiting: 'Connection lost. Reconnecting…',
    verifying: 'Verifying…',
    done: 'Download complete',
    doneLead:
      'Everything arrived and was verified. Look in your browser’s download folder. Keep this page open until the file is there.',
    keepAgain: (name: string): string => `Save “${name}” again`,
    failed: 'Download failed',
    cancelled: 'Download cancelled',
    again: 'Try again',
    failures: {
      cancelled: 'Nothing was saved.',
      changed:
        'The file has changed on the other side since the download began. Start again to get the new version.',
      gone: 'The file can no longer be downloaded: it was removed, or the download limit is reached.',
      lost: 'The other side could not be reached for some minutes. What has arrived is kept while this page is open: try again, and the download continues.',
      damaged:
        'What arrived does not match its checksums, even when it was fetched again. Use the plain download.',
      memory: 'Your browser does not have enough memory for this file. Use the plain download.',
    },
    tooLargeTitle: 'Too large for a faster download',
    tooLarge: (limit: number): string =>
      `It would have to fit into your browser’s memory, and this page takes up to ${sizeOf(limit)}. Use the plain download: it works at any size, and can be resumed.`,
    noScriptTitle: 'A faster download needs JavaScript',
    noScript:
      'Use the plain download, or set the security level of Tor Browser to “Safer” or “Standard” and reload.',
  },
  /** What the pages of an inbox say */
  inbox: {
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
    kindsAccepted: (kinds: readonly string[]): string =>
      `Accepted file types: ${kinds.join(', ')}.`,
    kindsDenied: (kinds: readonly string[]): string =>
      `File types not accepted: ${kinds.join(', ')}.`,
    perFile: (bytes: number): string => `Up to ${sizeOf(bytes)} per file.`,
    perUpload: (bytes: number): string => `Up to ${sizeOf(bytes)} per upload.`,
    filesAtOnce: (count: number): string => `Up to ${countOf(count, 'file', 'files')} per upload.`,
    note: 'Note',
    noteHint: 'Optional. You can also send a note without any files.',
    submit: 'Send',
    patience: 'Keep this page open until it confirms that everything has arrived.',
    progress: 'Uploading',
    /** @param others besides the first */
    progressOf: (first: string, others: number): string =>
      others === 0
        ? `Uploading ${first}`
        : `Uploading ${first} and ${countOf(others, 'other', 'others')}`,
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
        `Received and saved: ${countOf(count, 'file', 'files')}, ${sizeOf(bytes)}. You can compare the SHA-256 checksums with those of your own files.`,
      caption: 'Received files',
      name: 'Name',
      size: 'Size',
      sha256: 'SHA-256',
      more: (count: number): string => `And ${countOf(count, 'more file', 'more files')}.`,
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
        `“${name}” is larger than ${sizeOf(limit)}, the limit for one file. Nothing was saved. Leave it out and try again.`,
      'upload-too-large': (limit: number): string =>
        `One upload can be up to ${sizeOf(limit)}. Nothing was saved. Send your files in several uploads.`,
      'too-many-files': (limit: number): string =>
        `One upload can contain up to ${countOf(limit, 'file', 'files')}, including folders. Nothing was saved. Send your files in several uploads.`,
      'note-too-long': (limit: number): string =>
        `A note can be up to ${sizeOf(limit)} long. Nothing was saved. Send a longer text as a file.`,
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
  },
};
