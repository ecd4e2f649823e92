import { bytesText, countText, rateText, secondsText } from '../base/quantities.js';
import type { DesktopVerb, ProgressState } from './desktop/state.js';

/** The texts of the page of `onionferry open`. */
export const desktopWording = {
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
  tor: {
    connecting: 'Connecting to Tor. This can take a minute, and longer the first time.',
    connected: 'Connected to Tor.',
    failed: 'There is no connection to Tor',
    again: 'Try again',
  },
  quit: 'Quit onionferry',
  quitHint: 'Ends everything on this page. Transfers can be resumed.',
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
    dropped: (count: number, bytes: number): string =>
      `${countText(count, 'dropped file')}, ${bytesText(bytes)}`,
    uploading: (bytes: number, total: number): string =>
      `Copying: ${bytesText(bytes)} of ${bytesText(total)}`,
    keep: 'Let any number of people receive it, until I stop',
    text: 'Or a text',
    textHint: 'The recipient sees it, and saves nothing.',
    nothing: 'Choose a file or a folder, drop one here, or write a text.',
    nothingToShare: 'Choose a file or a folder, or drop one here.',
    both: 'Send either files or a text.',
  },
  aText: 'a text',
  andMore: (name: string, more: number): string => `${name} and ${more} more`,
  addressAlone: 'that is an address without its password; paste the whole invitation',
  unlisted: (word: string, nearest: readonly string[]): string => {
    const meant = new Intl.ListFormat('en', { type: 'disjunction' }).format(nearest);
    return `"${word}" is not in the word list${nearest.length === 0 ? '' : `; did you mean ${meant}?`}`;
  },
  invitation: 'Invitation',
  invitationHint:
    'A link such as http://….onion/#word-word-word. Quotes and text around it do no harm.',
  noInvitation: 'Paste the invitation first.',
  noFolder: 'Choose a folder first.',
  anyway: 'Receive with these words',
  folderOf: (verb: DesktopVerb): string =>
    verb === 'receive'
      ? 'Save into'
      : verb === 'inbox'
        ? 'Folder for uploads'
        : 'Folder of the site',
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
    more: (count: number): string => `and ${countText(count, 'more entry', 'more entries')}`,
    loading: 'Loading …',
    path: 'Where you are',
  },
  tasks: {
    title: 'Running',
    none: 'Nothing is running.',
    stop: 'Stop',
    stopTransfer: 'Stop and discard',
    /** @param stop what the button says */
    stopName: (stop: string, verb: string, about: string): string => `${stop}: ${verb}, ${about}`,
    forget: 'Remove from the list',
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
    ofRecipient: (recipient: number): string => `Recipient ${recipient}`,
    offer: 'The sender offers',
    offerText: 'The sender offers a text.',
    offerTotal: (files: number, bytes: number | null): string =>
      `${countText(files, 'file')}, ${bytes === null ? 'size unknown' : bytesText(bytes)}`,
    offerMore: (count: number): string => `and ${count} more`,
    accept: 'Accept',
    decline: 'Decline',
    text: 'The text',
    warning: 'Note',
    failed: 'This has failed',
    files: {
      send: 'Sent:',
      receive: 'Saved:',
      share: 'Fetched, the latest first:',
      inbox: 'Arrived, the latest first:',
      site: 'Fetched, the latest first:',
    },
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
    connecting: 'Connecting to the sender.',
    asked: 'Look at the offer, and accept or decline it.',
    running: 'The transfer is running.',
    resuming: 'An interrupted transfer is being resumed.',
    stopping: 'Stopping.',
    stopped: 'Stopped.',
    declined: 'You declined the offer.',
    ended: 'Ended.',
    sent: (files: number, bytes: number, seconds: number): string =>
      `Sent ${countText(files, 'file')}, ${bytesText(bytes)} in ${secondsText(seconds)}.`,
    received: (files: number, bytes: number, seconds: number): string =>
      `Received ${countText(files, 'file')}, ${bytesText(bytes)} in ${secondsText(seconds)}.`,
    receivedText: 'Received a text.',
    sentText: 'Sent the text.',
    peers: {
      joined: 'The other side has connected.',
      authenticated: 'Both sides know the password.',
      rejected: 'Somebody with a wrong password was refused.',
      left: 'The other side has disconnected.',
    },
  },
  /** What a program's sentence looks like on a page. */
  sentence: (message: string): string => {
    const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
    return /[.!?…]$/.test(text) ? text : `${text}.`;
  },
  progressText: ({ bytes, total, rate, circuits }: Omit<ProgressState, 'recipient'>): string => {
    const isOver = total !== null && bytes >= total;
    return [
      total === null ? bytesText(bytes) : `${bytesText(bytes)} of ${bytesText(total)}`,
      rateText(rate),
      !isOver && total !== null && rate > 0 ? `${secondsText((total - bytes) / rate)} left` : '',
      circuits > 1 ? countText(circuits, 'circuit') : '',
    ]
      .filter((part) => part !== '')
      .join(', ');
  },
} as const;
