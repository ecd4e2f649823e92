import type {
  CheckEvent,
  DoneEvent,
  FileEvent,
  InstallEvent,
  OfferEvent,
  OnlineEvent,
  PeerEvent,
  ProgressEvent,
  ResumingEvent,
} from '../api/events.js';
import type { ErrorCode, OnionferryError } from '../base/errors.js';
import { bytesText, countText, rateText, secondsText } from '../base/quantities.js';
import { AdvisedError } from './advised-error.js';
import type { Line } from './output/terminal.js';

/*
 * All that the terminal says. Lower case, no full stop, a hint on a line of its own.
 */

/** Which side of a transfer speaks. */
export type Side = 'send' | 'receive';

/** What serves pages for Tor Browser. */
export type PageVerb = 'share' | 'inbox' | 'site';

export function isOfPages(verb: string): verb is PageVerb {
  return verb === 'share' || verb === 'inbox' || verb === 'site';
}

const NAMES_MAX = 10;

export const texts = {
  hidden: '(not shown)',
  waitingForRecipient: 'waiting for the recipient',
  waitingForVisitors: 'waiting for visitors; Ctrl-C ends it',
  waitingForNext: 'waiting for the next recipient',
  connecting: 'connecting to the sender',
  sendersTor: "the sender's tor",
  publishing: 'the sender publishes its address',
  senderWaits: 'the sender waits at this address, behind this password:',
  recipientsTor: "the recipient's tor",
  recipientConnects: 'the recipient connects to the address',
  meetingAgain: 'looking for the other side',
  stopping: 'stopping; once more to stop at once',
  typeText: 'reading from the terminal; end with Ctrl-D',
  keyExported: 'warning: the file holds the secret key; whoever has it can take over the address',
  keyForce: '--force replaces it, and its address is lost',
  keyOnTerminal: 'warning: this is the secret key; whoever has it can take over the address',
} as const;

/** @param whose where both sides are told of */
export function torText(progress: number, summary: string, whose = 'tor'): string {
  return `${whose} ${progress}%, ${lowerFirst(summary)}`;
}

/** @param whose tor */
export function joinedText(whose: string): string {
  return `${whose} has joined the private Tor network`;
}

export function installText({ phase, bytes, total, summary }: InstallEvent): string {
  const verb = { download: 'fetching', unpack: 'unpacking', verify: 'verifying' }[phase];
  const step = `${verb} ${summary}`;
  if (total !== undefined) return `${step}, ${bytesText(bytes)} of ${bytesText(total)}`;
  // Nothing yet, or a step that fetches nothing.
  return bytes === 0 ? step : `${step}, ${bytesText(bytes)}`;
}

/** An interrupted transfer goes on. */
export function resumingLine({ bytes, total }: ResumingEvent): Line {
  const there = bytes === null ? '' : `, ${bytesText(bytes)} of ${bytesText(total)} are there`;
  return { text: `going on with what was interrupted${there}` };
}

export function progressText({ bytes, total, rate, circuits }: ProgressEvent): string {
  const parts = [
    total === null
      ? bytesText(bytes)
      : `${total === 0 ? 100 : Math.floor((bytes / total) * 100)}%, ${bytesText(bytes)} of ${bytesText(total)}`,
    rateText(rate),
  ];
  if (total !== null && rate > 0 && bytes < total) {
    parts.push(`${secondsText((total - bytes) / rate)} left`);
  }
  if (circuits > 1) parts.push(countText(circuits, 'circuit'));
  return parts.join(', ');
}

/** @param mayRetry whether it was typed at a prompt */
export function noInvitation(given: string, mayRetry = false): string {
  if (/\.onion/i.test(given)) {
    return 'that is an address and no invitation; what share, inbox and site print opens in Tor Browser';
  }
  return mayRetry
    ? 'that is no invitation; it looks like http://….onion/#word-word-word-word-word'
    : 'that is no invitation; a password alone needs the address: onionferry receive ADDRESS';
}

/** Around the invitation, which stands alone between them. */
export function invitationLines({ onion, password }: OnlineEvent): {
  before: Line[];
  after: Line[];
} {
  return {
    before: [
      { text: 'on the other machine run' },
      { text: '' },
      { text: '  onionferry receive', tone: 'strong' },
      { text: '' },
      { text: 'and give it this invitation:' },
      { text: '' },
    ],
    after: [
      { text: '' },
      { text: 'or run "onionferry receive ADDRESS" there and type the password:' },
      { text: '' },
      { text: labelled('address', onion) },
      { text: labelled('password', password) },
      { text: '' },
    ],
  };
}

/** A value under its name, in columns. */
export function labelled(label: string, value: string): string {
  return `  ${label.padEnd(10)}${value}`;
}

export function relayLines(): Line[] {
  return [
    { text: 'this relay is open for everybody who knows its address and password' },
    { text: 'hint: others use it by "onionferry send --relay ADDRESS PATH"', tone: 'faint' },
  ];
}

/** In front of the address, the user and the password. */
export function pagesLines(verb: PageVerb): Line[] {
  const what = { share: 'downloads', inbox: 'uploads', site: 'reads' }[verb];
  return [
    {
      text: `whoever opens this address in Tor Browser, with this user and password, ${what} here:`,
    },
  ];
}

/** A download or an upload is through. */
export function pageFileLine(verb: PageVerb, { path, bytes }: FileEvent): Line {
  const what = verb === 'inbox' ? 'received' : 'delivered';
  return { text: `${what} ${shorten(path)}, ${bytesText(bytes)}`, tone: 'good' };
}

export function peerLine(side: Side, state: PeerEvent['state']): Line {
  const other = side === 'send' ? 'recipient' : 'sender';
  switch (state) {
    case 'joined':
      return { text: side === 'send' ? 'somebody came to receive' : 'found the sender' };
    case 'authenticated':
      return { text: `the ${other} knows the password`, tone: 'good' };
    case 'rejected':
      return side === 'send'
        ? { text: 'somebody was turned away, the password was wrong', tone: 'bad' }
        : { text: 'the sender turned us away', tone: 'bad' };
    case 'left':
      return { text: `the ${other} went away` };
  }
}

/** In the demonstration, where neither side is "we"; the recipient is the one who tells. */
export function demoPeerLine(state: PeerEvent['state']): Line {
  switch (state) {
    case 'joined':
      return { text: 'the recipient has found the sender' };
    case 'authenticated':
      return { text: 'each side knows that the other has the password', tone: 'good' };
    case 'rejected':
      return { text: 'the sender turned the recipient away', tone: 'bad' };
    case 'left':
      return { text: 'the sender went away' };
  }
}

export function offerLines(offer: OfferEvent): Line[] {
  if (offer.kind === 'text') return [{ text: `the sender offers a text, ${sizeOf(offer)}` }];
  return [
    { text: `the sender offers ${countText(offer.files, 'file')}, ${sizeOf(offer)}:` },
    ...nameLines(offer.names),
  ];
}

export function question(directory: string | undefined): string {
  return directory === undefined ? 'accept it? [Y/n] ' : `receive into ${directory}? [Y/n] `;
}

export function doneLines(
  side: Side,
  { bytes, files, seconds }: DoneEvent,
  kind: OfferEvent['kind'],
): Line[] {
  const verb = side === 'send' ? 'sent' : 'received';
  const rate = seconds > 0 ? ` (${rateText(bytes / seconds)})` : '';
  const size = `${bytesText(bytes)} in ${secondsText(seconds)}${rate}`;
  if (kind === 'files' && files === 0 && bytes > 0) {
    // `files` are those kept: names that existed were skipped.
    const who = side === 'send' ? 'the recipient kept none of the files' : 'kept none of the files';
    return [{ text: `${verb} ${size}; ${who}` }];
  }
  const what = kind === 'text' ? 'the text' : countText(files, 'file');
  return [{ text: `${verb} ${what}, ${size}`, tone: 'good' }];
}

/** Where files went: the first of them, and how many more. */
export function nameLines(names: readonly string[]): Line[] {
  const shown = names.slice(0, NAMES_MAX).map((name) => ({ text: `  ${shorten(name)}` }));
  const more = names.length - shown.length;
  return more > 0 ? [...shown, { text: `  and ${more} more` }] : shown;
}

/** What the doctor looked at, one a line. */
export function checkText({ check, ok, detail }: CheckEvent): string {
  return `${ok ? 'ok  ' : 'FAIL'}  ${check.padEnd(14)}  ${sentence(detail)}`;
}

/** What failed stands with its details in the lines of the checks. */
export function cannotUseTor(failed: readonly string[]): string {
  return `this machine cannot use Tor: ${failed.join(' and ')} failed`;
}

export function warningLine(message: string): Line {
  return { text: `warning: ${sentence(message)}` };
}

export function errorLines(error: OnionferryError): Line[] {
  if (error.code === 'ERR_INTERRUPTED') return [{ text: 'interrupted' }];
  return [
    { text: `onionferry: error: ${sentence(error.message)}`, tone: 'bad' },
    ...hints(error).map((hint): Line => ({ text: `onionferry: hint: ${hint}` })),
  ];
}

const HINTS: Partial<Record<ErrorCode, readonly string[]>> = {
  ERR_INVITATION_IN_ARGV: [
    'run onionferry receive and paste it when asked, or use --password-file or ONIONFERRY_PASSWORD',
    'this one may have been seen already; let the sender make another',
  ],
  ERR_PASSWORD: ['the sender goes on waiting'],
  ERR_KEY_MISSING: ['onionferry key new makes one; whatever needs an address does so by itself'],
  ERR_ONION_NOT_FOUND: ['is the sender still waiting? its address ends with it'],
  ERR_ONION_UNREACHABLE: ['is the sender still waiting? its address ends with it'],
  ERR_INTERNAL: ['this is a defect; --verbose shows where it happened'],
};

function hints(error: OnionferryError): readonly string[] {
  if (error instanceof AdvisedError) return error.hints;
  const known = HINTS[error.code];
  if (known !== undefined) return known;
  switch (error.kind) {
    case 'usage':
      return ['--help shows what is understood'];
    case 'tor':
      return ['onionferry tor doctor finds out what is wrong'];
    case 'failed':
    case 'password':
    case 'peer':
    case 'interrupted':
      return [];
  }
}

/** A message as a line of the terminal: lower case, no full stop. */
export function sentence(message: string): string {
  return lowerFirst(message.replace(/(?<!\.)\.$/, ''));
}

/** Leaves names such as ENOENT, "Tor" and "I" as they are. */
function lowerFirst(text: string): string {
  return /^\p{Lu}\p{Ll}/u.test(text) && !/^Tor\b/.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text;
}

function sizeOf({ bytes }: OfferEvent): string {
  return bytes === null ? 'of a size not known yet' : bytesText(bytes);
}

/** Keeps both ends: the beginning says what it is, the end of what type. */
function shorten(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= 100) return name;
  return `${characters.slice(0, 70).join('')}…${characters.slice(-29).join('')}`;
}
