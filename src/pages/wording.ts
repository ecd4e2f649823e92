import { bytesText, countText } from '../base/quantities.js';

/*
 * All that the pages say, in English. Sentences with a full stop; a section for each feature.
 */

export const wording = {
  language: 'en',
  brand: { name: 'onionferry' },
  layout: {
    skip: 'Skip to the content',
    trail: 'Folders',
    footer: 'Carried over Tor. This page loads nothing from anywhere else.',
  },
  /** By the kind of refusal */
  errors: {
    'bad-request': {
      title: 'That did not work',
      sentence: 'Your browser asked for something in a way that is not understood here.',
    },
    'wrong-password': {
      title: 'User name and password, please',
      sentence:
        'Whoever gave you this address also has a user name and a password for it. Reload the page to type them again.',
    },
    'not-found': {
      title: 'Not here',
      sentence: 'There is nothing under this address. It may have been moved or taken away.',
    },
    'method-not-allowed': {
      title: 'That did not work',
      sentence: 'This page cannot be used in that way.',
    },
    expired: {
      title: 'The time is over',
      sentence: 'This was offered for a limited time. Ask whoever gave you the address for more.',
    },
    'limit-reached': {
      title: 'Taken as often as allowed',
      sentence:
        'This was offered for a limited number of downloads. Ask whoever gave you the address for another.',
    },
    'sender-gone': {
      title: 'The sender has gone',
      sentence: 'The sender does not offer this any more. Ask them to start again.',
    },
    'too-large': {
      title: 'Too large',
      sentence: 'That is more than is taken here, and nothing of it was kept.',
    },
    'kind-refused': {
      title: 'Not this kind of file',
      sentence: 'Files of this kind are not taken here, and nothing of it was kept.',
    },
    range: {
      title: 'Nothing left to fetch',
      sentence: 'The part that was asked for lies beyond the end of the file.',
    },
    internal: {
      title: 'Something went wrong',
      sentence: 'It was not your fault. Try again, or tell whoever gave you the address.',
    },
    'relay-gone': {
      title: 'The sender cannot be reached',
      sentence: 'The connection to the sender is lost. Try again in a minute.',
    },
    busy: {
      title: 'Busy at the moment',
      sentence: 'Too much is going on here at once. Try again in a minute.',
    },
    full: {
      title: 'No room left',
      sentence: 'There is no room for more here, and nothing of it was kept.',
    },
  },
  errorBack: 'Go to the first page',
  files: {
    name: 'Name',
    size: 'Size',
    modified: 'Changed (UTC)',
    folder: 'Folder',
    count: (count: number, bytes: number): string =>
      `${countText(count, 'file')}, ${bytesText(bytes)}`,
  },
  share: {
    /** Of several things that were named, which have no name together */
    title: 'Files for you',
    everything: 'Download everything',
    /** Of a single file */
    only: 'Download',
    everythingHint: 'As one .zip, which can be continued if the download breaks off.',
    table: (folder: string): string => `Files and folders in ${folder}`,
    empty: 'There is nothing in this folder at the moment.',
    /** Where nobody has counted to the end */
    many: (count: number): string => countText(count, 'entry', 'entries'),
    pages: 'Pages of this folder',
    page: (page: number, pages: number): string => `Page ${page} of ${pages}`,
    earlier: 'Earlier names',
    later: 'Later names',
    leftOut: (count: number): string =>
      `${countText(count, 'entry', 'entries')} in this folder cannot be downloaded: links and what is neither a file nor a folder.`,
  },
  inbox: {
    title: 'Send something',
    lead: 'What you choose here goes straight to the computer of whoever gave you this address, over Tor. Nobody in between keeps a copy.',
    files: 'Files',
    filesHint: 'As many as you like.',
    folder: 'A whole folder',
    folderHint: 'With everything that is in it.',
    kindsAccepted: (kinds: readonly string[]): string =>
      `Only files of these kinds: ${kinds.join(', ')}.`,
    kindsDenied: (kinds: readonly string[]): string =>
      `No files of these kinds: ${kinds.join(', ')}.`,
    perFile: (bytes: number): string => `Up to ${bytesText(bytes)} for each file.`,
    perUpload: (bytes: number): string => `Up to ${bytesText(bytes)} at once.`,
    filesAtOnce: (count: number): string => `Up to ${countText(count, 'file')} at once.`,
    note: 'A note',
    noteHint: 'A few words to go along, or all there is to say.',
    noteFileName: 'note.txt',
    submit: 'Send',
    patience: 'Keep this page open until it says that everything has arrived.',
    progress: 'On the way',
    /** All has left the browser; the other side still takes it in. */
    lastBytes: 'Everything is on its way. Waiting for the other side to have it all.',
    cancel: 'Cancel',
    cancelledTitle: 'Cancelled',
    cancelled: 'Nothing of it was kept. What you had chosen is still here.',
    brokenTitle: 'The connection broke',
    broken: 'Not everything had arrived, and nothing of it was kept. Send it again.',
    received: {
      title: 'It has arrived',
      lead: (count: number, bytes: number): string =>
        `${countText(count, 'file')}, ${bytesText(bytes)}: all of it is there, and on disk.`,
      caption: 'What has arrived',
      name: 'Name',
      size: 'Size',
      sha256: 'SHA-256',
      more: (count: number): string => `And ${countText(count, 'file')} more.`,
      again: 'Send something else',
    },
    closed: {
      title: 'The inbox is full',
      sentence: 'It takes nothing more. Ask whoever gave you the address.',
    },
    /** By the reason of a refusal. Each says that nothing was kept. */
    refused: {
      title: {
        'file-too-large': 'Too large',
        'upload-too-large': 'Too large',
        'too-many-files': 'Too many files',
        'note-too-long': 'The note is too long',
        'kind-refused': 'Not this kind of file',
        'name-refused': 'Not under this name',
        'inbox-full': 'The inbox is full',
        'disk-full': 'No room left',
        busy: 'Busy at the moment',
        'foreign-page': 'Not from this page',
        'broken-form': 'It did not arrive whole',
        'empty-form': 'There was nothing to send',
      },
      fileTooLarge: (name: string, limit: number): string =>
        `“${name}” is larger than ${bytesText(limit)}, the most that is taken for one file. Nothing was kept.`,
      uploadTooLarge: (limit: number): string =>
        `More than ${bytesText(limit)} is not taken at once. Nothing was kept; send it in parts.`,
      tooManyFiles: (limit: number): string =>
        `More than ${countText(limit, 'file')}, folders counted, is not taken at once. Nothing was kept; send them in parts.`,
      noteTooLong: (limit: number): string =>
        `A note may have up to ${bytesText(limit)}. Nothing was kept; send the text as a file.`,
      kindRefused: (name: string): string =>
        `“${name}” is of a kind that is not taken here. Nothing was kept; send the rest without it.`,
      nameRefused: (name: string): string =>
        `“${name}” cannot be the name of a file here. Nothing was kept; give it another name.`,
      'inbox-full': 'There is no room for this in the inbox. Nothing was kept.',
      'disk-full': 'There is no room for this on the other side. Nothing was kept.',
      busy: 'Too many others are sending at this moment. Nothing was kept; try again in a minute.',
      'foreign-page': 'Something else than this page tried to send in your name. Nothing was kept.',
      'broken-form': 'The form arrived damaged or cut off. Nothing was kept; send it again.',
      'empty-form': 'Choose a file or a folder, or write a note.',
      back: 'Back to the form',
    },
  },
  site: {
    root: 'All files',
  },
  relay: {
    trust:
      'Whoever runs this relay could change this page, and could then read what you send or receive with it. The program onionferry does not have this weakness.',
    receive: {
      title: 'Receive',
      lead: 'Type the password that the sender gave you. What comes is decrypted and checked in this page.',
      code: 'Password',
      codeHint: 'Five words or more, such as word-word-word-word-word, or the whole invitation.',
      start: 'Receive',
      other: 'Send something instead',
      offer: 'You are offered',
      accept: 'Take it',
      decline: 'Decline',
      unknownSize: (limit: number): string =>
        `The sender does not know yet how much it is. This page has to stop at ${bytesText(limit)}.`,
      asZip: (name: string): string => `It will be kept as one file, “${name}”.`,
      linksLeftOut: 'Links in it are left out: a browser cannot make them.',
      text: 'A text',
      done: 'Everything has arrived',
      doneLead: 'All of it was checked. Your browser keeps it where it keeps downloads.',
      textLead: 'All of it was checked.',
      keepAgain: (name: string): string => `Save “${name}” again`,
      keepText: 'Save as a file',
      textName: 'text.txt',
      caption: 'What is offered',
    },
    send: {
      title: 'Send',
      lead: 'Choose files, a folder, or write a text. It is encrypted in this page, and stays on this computer until somebody who knows the password comes for it.',
      other: 'Receive something instead',
      files: 'Files',
      folder: 'A whole folder',
      text: 'A text',
      textHint: 'Instead of files.',
      start: 'Offer it',
      waiting: 'Ready. Give this to the person who is to have it',
      invitation: 'Invitation link',
      invitationHint: 'It holds the password. Send it in a way that others cannot read.',
      code: 'Password alone',
      copy: 'Copy the link',
      copied: 'Copied.',
      copyYourself: 'Your browser does not let this page copy. The link is selected: copy it.',
      patience: 'Keep this page open. It waits for the other side to come.',
      again: 'Send something else',
      done: 'It has arrived',
      doneLead: 'The other side has everything, and has checked it.',
      nothing: 'Choose a file or a folder, or write a text.',
      textName: 'text.txt',
    },
    states: {
      looking: 'Looking for the sender…',
      proving: 'Checking the password…',
      waitingFor: (what: string): string => `Waiting: ${what}.`,
      asked: 'Waiting for you to decide.',
      running: 'On the way.',
      checking: 'Putting the files together…',
      away: 'The connection was lost. Looking for the other side…',
      preparing: 'Preparing…',
      joined: 'Somebody came. Checking that they know the password…',
      rejected: 'Somebody came with a wrong password. Still waiting for the right one.',
      declining: 'The other side is deciding whether to take it.',
    },
    text: { title: 'A text for you', download: 'Save as a file' },
    stream: {
      title: 'Something for you',
      lead: 'What is sent here comes into being while it is sent, and can be sent only once: it cannot be downloaded as a file that lies ready. This page can receive it, or the program onionferry.',
      receive: 'Receive it in this page',
    },
    progressLabel: 'How far it is',
    progress: (bytes: string, total: string | undefined, rate: string | undefined): string =>
      `${bytes}${total === undefined ? '' : ` of ${total}`}${rate === undefined ? '' : `, ${rate}`}`,
    cancel: 'Cancel',
    again: 'Start again',
    failed: 'It did not work',
    failures: {
      byCode: {
        ERR_PASSWORD:
          'The password is not the right one. Check it with the sender, and type it again.',
        ERR_STREAM:
          'What came was changed on its way, by this relay or something else between you and the sender. Nothing of it was kept.',
        ERR_CHANNEL_MISSING:
          'Nobody is sending under this password now. Ask the sender whether it still runs, and check the words.',
        ERR_CHANNEL_FULL:
          'Somebody else is receiving this already. Ask the sender to send it again.',
        ERR_PEER_GONE: 'The other side went away before the end. Ask them to start again.',
        ERR_RELAY: 'This address does not answer any more. Try again in a minute.',
        ERR_RELAY_BUSY: 'Too much is going on here at once. Try again in a minute.',
        ERR_REFUSED: 'It was declined. Nothing was kept.',
        ERR_HOSTILE_NAME:
          'A name in what was offered tries to do harm. Nothing was kept; be careful with this sender.',
        ERR_CURVE:
          'The sender uses another curve than the invitation says. Ask for the whole invitation.',
        ERR_INTERRUPTED: 'Cancelled. Nothing was kept.',
        ERR_SOURCE: 'Your browser could not read what you chose. Choose it again.',
      },
      tooLarge: 'This has become more than a page can hold. Use the program onionferry for it.',
      defect: 'Something failed that should not. Reload the page and try again.',
    },
    tooLarge: (bytes: number, limit: number): string =>
      `This is ${bytesText(bytes)}. A page has to hold everything in memory and takes up to ${bytesText(limit)}, or 65,535 files.`,
    tooLargeOwn:
      'Open the first page of this address with the whole password: there it can be downloaded at any size.',
    tooLargeShared:
      'Use the program onionferry for it: the sender gets a new password to give to you. Or ask the sender to send it without a relay: then any browser can download it.',
    elsewhere: 'This invitation belongs to another address. Open that address instead.',
    noScript: {
      title: 'This page needs JavaScript',
      shared:
        'It decrypts in your browser. Choose the level “Safer” or “Standard” in Tor Browser and reload, or use the program onionferry, or ask the sender to send it without a relay: then it can be downloaded as it is.',
      own: 'It decrypts in your browser. Choose the level “Safer” or “Standard” in Tor Browser and reload, or close the browser and come with the whole password: then it can be downloaded without JavaScript.',
    },
  },
} as const;
