import { bytesText, countText } from '../base/quantities.js';

/*
 * Every text of the pages, in English: short, plain, and saying what to do next. Sentences end with a
 * full stop; titles, labels and buttons do not. One section for each feature.
 */

export const wording = {
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
    /** By what the access check wants. Browsers show the realm in their question. */
    kinds: {
      transfer: {
        realm: 'Enter ferry as the user name. The password is all words after # in the invitation.',
        lead: 'Reload this page. When the browser asks, enter what is in the invitation you were given.',
        password: 'all the words after # in the invitation link, up to the first semicolon if any',
        hint: 'An invitation link looks like http://….onion/#word-word-word-word-word-word.',
      },
      relay: {
        realm:
          'Enter ferry as the user name, and the password of this relay: what follows relay= in the invitation.',
        lead: 'Reload this page. When the browser asks, enter the login of this relay.',
        password:
          'that of this relay; in an invitation link, it is what follows “relay=” (%20 is a space)',
        hint: 'Do not enter the password of a transfer here. The page asks for it after you have logged in.',
      },
      given: {
        realm: 'onionferry',
        lead: 'Reload this page. When the browser asks, enter the user name and the password that you were given with this address.',
      },
    },
  },
  files: {
    name: 'Name',
    size: 'Size',
    modified: 'Modified (UTC)',
    folder: 'Folder',
    count: (count: number, bytes: number): string =>
      `${countText(count, 'file')}, ${bytesText(bytes)}`,
  },
  share: {
    /** Titles the start page if several things are shared, which have no name together */
    title: 'Shared files',
    everything: 'Download all',
    /** For a single file */
    only: 'Download',
    everythingHint:
      '“Download all” gives you one ZIP file. You can resume it if it is interrupted.',
    table: (folder: string): string => `Files and folders in ${folder}`,
    empty: 'This folder is empty.',
    /** If there are too many entries to count the files in them */
    many: (count: number): string => countText(count, 'item'),
    pages: 'Pages of this folder',
    page: (page: number, pages: number): string => `Page ${page} of ${pages}`,
    earlier: 'Previous page',
    later: 'Next page',
    leftOut: (count: number): string =>
      `${countText(count, 'item')} in this folder cannot be downloaded: symbolic links, special files and what cannot be read are left out.`,
    leftOutMore: (count: number): string => `and ${count} more`,
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
        `The total size is not known yet. This page can receive up to ${bytesText(limit)}.`,
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
    tooLarge: (bytes: number, limit: number): string =>
      `This transfer is ${bytesText(bytes)}. This page keeps everything in memory and can receive up to ${bytesText(limit)} or 65,535 files.`,
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
} as const;
