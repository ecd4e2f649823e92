import { formatsFor } from '../formats.js';

/*
 * The texts of the page of `onionferry open`, in English. They stand apart from those of the other
 * pages, whose scripts travel over Tor and would all carry them.
 */

const { bytes: sizeOf, count: countOf, number, rate: rateOf, seconds: timeOf } = formatsFor('en');

const filesText = (count: number): string => countOf(count, 'file', 'files');

export const en = {
  language: 'en',
  title: 'On this computer',
  footer: 'This page comes from onionferry on this computer, and loads nothing from elsewhere.',
  needsScripts: 'This page needs JavaScript.',
  enter: {
    title: 'onionferry',
    opening: 'Opening …',
    refusedTitle: 'This link does not open onionferry',
    refused:
      'It works once. If you have opened it before, use that window. If you have not, somebody else on this computer may have: end onionferry, and start it again.',
    missing: 'Open the address that onionferry printed when it was started, or start it again.',
  },
  refused: {
    title: 'Not allowed',
    sentence: 'Only the browser window that onionferry has opened may do this.',
  },
  /** What is not done that was asked for on the page */
  refusals: {
    listFull: 'The list is full; remove what has ended.',
    nothingChosen: 'Nothing was chosen.',
    allOfHome: 'Choose something in your home folder, not all of it.',
    missing: (name: string): string => `There is no such file or folder: ${name}`,
    notOffered: 'The sender does not offer it any longer.',
    notInterrupted: 'This transfer cannot be continued any more.',
    drops: 'Too much was dropped and not used. Quit onionferry, and start it again.',
    dropGone: 'What was dropped is not there any more. Drop it again.',
    dropName: (name: string): string => `“${name}” has a name that cannot be kept. Rename it.`,
    dropChanged: (name: string): string =>
      `“${name}” has changed while it was being copied. Remove it here, and drop it again.`,
    addressAlone: 'That is an address without its password. Paste the whole invitation.',
    unlisted: (word: string, nearest: readonly string[]): string => {
      const meant = new Intl.ListFormat('en', { type: 'disjunction' }).format(nearest);
      return nearest.length === 0
        ? `“${word}” is not in the word list.`
        : `“${word}” is not in the word list; did you mean ${meant}?`;
    },
  },
  tor: {
    connecting: 'Connecting to Tor. This can take a minute, and longer the first time.',
    connected: 'Connected to Tor.',
    failed: 'There is no connection to Tor',
    again: 'Try again',
  },
  quit: 'Quit onionferry',
  quitHint:
    'Ends everything on this page. Transfers can be continued later, except those of dropped files.',
  ended: {
    title: 'onionferry has ended',
    sentence: 'You can close this window. To go on, start onionferry again.',
    gone: 'onionferry does not answer any more; start it again.',
  },
  /** `name` is that of the link that opens the form */
  verbs: {
    send: {
      name: 'Send',
      title: 'Send files or a text',
      lead: 'One person receives them, with onionferry or with Tor Browser. You get an invitation to pass on.',
      start: 'Send',
    },
    receive: {
      name: 'Receive',
      title: 'Receive',
      lead: 'Paste the invitation that the sender gave you. You see what is offered before anything is saved.',
      start: 'Receive',
    },
    share: {
      name: 'Share',
      title: 'Share for download',
      lead: 'Everyone with the address and the password can download, with Tor Browser or onionferry, until you stop.',
      start: 'Share',
    },
    inbox: {
      name: 'Inbox',
      title: 'Take uploads',
      lead: 'Everyone with the address and the password can upload into a folder of yours with Tor Browser, until you stop.',
      start: 'Open the inbox',
    },
    site: {
      name: 'Site',
      title: 'Serve a site',
      lead: 'Everyone with the address and the password can see the pages in a folder with Tor Browser, until you stop.',
      start: 'Serve the site',
    },
  },
  nav: 'What to do',
  what: {
    chosen: 'Chosen',
    none: 'Nothing is chosen yet.',
    add: 'Choose files or folders',
    remove: (name: string): string => `Remove ${name}`,
    removeShort: 'Remove',
    drop: 'You can also drop files and folders here. They are copied into a private folder, which is removed when the task ends.',
    droppedFile: (bytes: number): string => sizeOf(bytes),
    droppedFolder: (files: number, bytes: number): string =>
      files === 0 ? 'folder, no files' : `folder, ${filesText(files)}, ${sizeOf(bytes)}`,
    reading: 'Looking at what was dropped …',
    unreadable: (name: string): string =>
      `“${name}” cannot be read. It may have been moved, changed or removed. Drop it again, or leave it out.`,
    uploading: (bytes: number, total: number): string =>
      `Copying: ${sizeOf(bytes)} of ${sizeOf(total)}. Keep this page open.`,
    cancel: 'Cancel',
    cancelled: 'Copying was cancelled.',
    keep: 'Let any number of people receive it, until I stop',
    text: 'Or a text',
    textHint: 'The recipient sees it, and saves nothing.',
    nothing: 'Choose a file or a folder, drop one here, or write a text.',
    nothingToShare: 'Choose a file or a folder, or drop one here.',
    both: 'Send either files or a text.',
  },
  aText: 'a text',
  andMore: (name: string, more: number): string => `${name} and ${number(more)} more`,
  invitation: 'Invitation',
  invitationHint:
    'A link such as http://….onion/#word-word-word. Quotes and text around it do no harm.',
  noInvitation: 'Paste the invitation first.',
  noFolder: 'Choose a folder first.',
  anyway: 'Receive with these words',
  folderOf: { receive: 'Save into', inbox: 'Folder for uploads', site: 'Folder of the site' },
  choose: 'Choose a folder',
  chooseOther: 'Choose another folder',
  home: 'Home',
  chooser: {
    titleFiles: 'Choose files and folders',
    titleFolder: 'Choose a folder',
    take: 'Add',
    takeName: (name: string): string => `Add ${name}`,
    takeThis: 'Take this folder',
    close: 'Close',
    hidden: 'Show hidden files',
    empty: 'This folder is empty.',
    more: (count: number): string => `and ${countOf(count, 'more entry', 'more entries')}`,
    loading: 'Loading …',
    path: 'Where you are',
    list: 'Files and folders',
    size: (bytes: number): string => sizeOf(bytes),
  },
  /** Transfers that ended before they were complete */
  interrupted: {
    title: 'Interrupted',
    lead: 'These transfers ended before they were complete. They go on where they stopped, if the other side is still there.',
    receive: (folder: string): string => `Receive into ${folder}`,
    send: (what: string): string => `Send ${what}`,
    since: (when: Date): string =>
      `Begun on ${when.toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })}`,
    recipients: (count: number): string => `To ${number(count)} recipients`,
    go: 'Continue',
    goName: (what: string): string => `Continue: ${what}`,
    discard: 'Discard',
    discardName: (what: string): string => `Discard: ${what}`,
  },
  tasks: {
    title: 'Running',
    none: 'Nothing is running.',
    stop: 'Stop',
    stopTransfer: 'Stop and discard',
    /** @param stop what the button says */
    stopName: (stop: string, verb: string, about: string): string => `${stop}: ${verb}, ${about}`,
    forget: 'Remove from the list',
    forgetName: (forget: string, verb: string, about: string): string =>
      `${forget}: ${verb}, ${about}`,
    address: 'Address',
    user: 'User name',
    password: 'Password',
    invitation: 'Invitation',
    copy: 'Copy',
    copyWhat: (what: string): string => `Copy the ${what.toLowerCase()}`,
    copied: 'Copied.',
    qrOf: (what: string): string => `QR code of the ${what.toLowerCase()}`,
    withFerry: 'With onionferry: the other person pastes this invitation.',
    withBrowser:
      'With Tor Browser: they open this address, and enter the user name and the password.',
    progress: 'Progress',
    ofRecipient: (recipient: number): string => `Recipient ${number(recipient)}`,
    progressText: (
      bytes: number,
      total: number | null,
      rate: number,
      left: number | null,
      circuits: number,
    ): string =>
      [
        total === null ? sizeOf(bytes) : `${sizeOf(bytes)} of ${sizeOf(total)}`,
        rateOf(rate),
        ...(left === null ? [] : [`${timeOf(left)} left`]),
        ...(circuits > 1 ? [countOf(circuits, 'circuit', 'circuits')] : []),
      ].join(', '),
    offer: (files: number, bytes: number | null): string =>
      `The sender offers ${filesText(files)}, ${bytes === null ? 'size unknown' : sizeOf(bytes)}:`,
    offerText: 'The sender offers a text.',
    offerMore: (count: number): string => `and ${number(count)} more`,
    accept: 'Accept',
    decline: 'Decline',
    text: 'The text',
    warning: 'Note',
    failed: 'This has failed',
    /** Before what the program says in English, on pages in other languages */
    inEnglish: 'In detail:',
    files: {
      send: 'Sent:',
      receive: 'Saved:',
      share: 'Fetched, the latest first:',
      inbox: 'Arrived, the latest first:',
      site: 'Fetched, the latest first:',
    },
    file: (path: string, bytes: number): string => `${path} (${sizeOf(bytes)})`,
    stages: {
      running: 'Running',
      asking: 'Your answer is needed',
      ending: 'Stopping',
      done: 'Done',
      failed: 'Failed',
      stopped: 'Stopped',
    },
  },
  status: {
    waitingForTor: 'Waiting for Tor.',
    starting: 'Starting.',
    publishing: 'Publishing the address. It can be passed on already.',
    waitingForRecipient: 'Waiting for the recipient.',
    waitingForVisitors: 'Waiting for visitors.',
    asked: 'Look at the offer, and accept or decline it.',
    running: 'The transfer is running.',
    resuming: 'An interrupted transfer is being continued.',
    /** For what the program waits for, where there is no other word for it */
    waiting: 'Waiting for the other side.',
    stopping: 'Stopping.',
    stopped: 'Stopped.',
    suspended: 'Interrupted. What has arrived is kept.',
    declined: 'You declined the offer.',
    ended: 'Ended.',
    sent: (files: number, bytes: number, seconds: number): string =>
      `Sent ${filesText(files)}, ${sizeOf(bytes)} in ${timeOf(seconds)}.`,
    received: (files: number, bytes: number, seconds: number): string =>
      `Received ${filesText(files)}, ${sizeOf(bytes)} in ${timeOf(seconds)}.`,
    receivedText: 'Received a text.',
    peers: {
      joined: 'The other side has connected.',
      authenticated: 'Both sides know the password.',
      rejected: 'Somebody with a wrong password was refused.',
      left: 'The other side has disconnected.',
    },
  },
};
