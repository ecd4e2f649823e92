import { basename } from 'node:path';
import type {
  ArrivedEvent,
  CheckEvent,
  DoneEvent,
  FileEvent,
  InstallEvent,
  OfferEvent,
  OfferedEntry,
  PeerEvent,
  ProgressEvent,
  PurgedEvent,
  RefusedEvent,
  RelayEvent,
  ResumingEvent,
  UploadEvent,
  VisitEvent,
} from '../api/events.js';
import type { InterruptedSend } from '../api/interrupted-sends.js';
import type { UnlistedWord } from '../api/words.js';
import { bytesText, countText, rateText, secondsText } from '../base/quantities.js';
import type { Line } from './output/terminal.js';

/*
 * What the terminal says while the program runs: lower case, no full stop, a hint on its own line.
 * Help and errors about options are beside the options, in commands/ and global-options.ts.
 */

/** The side of a transfer that is speaking. */
export type Side = 'send' | 'receive';

/** The verbs that serve pages for Tor Browser. */
export type PagesCommand = 'share' | 'inbox' | 'site';

export function isOfPages(verb: string): verb is PagesCommand {
  return verb === 'share' || verb === 'inbox' || verb === 'site';
}

const NAMES_MAX = 10;

export const texts = {
  enter: 'enter',
  hidden: '(not shown)',
  promptKeys: 'Tab completes words, Ctrl-R shows what you type',
  addressAlone: 'that is an address without its password',
  userQuestion: 'user name (empty for "ferry"): ',
  wrongPassword: 'the password is not the right one; check it with the sender and type it again',
  wrongPasswordLast: 'the password is not the right one; this is the last try',
  qrCode: 'or scan this with a phone:',
  typeAgain: 'type the password again; the same once more is taken as it is',
  waitingForRecipient: 'waiting for the recipient',
  goingOnline: 'publishing the address',
  online: 'the address can be reached',
  nothingSet: 'nothing is set; to always give an option, run onionferry config set OPTION VALUE',
  waitingForVisitors: 'waiting for visitors',
  keyToStop: 'press Ctrl-C to stop',
  keyToEndNow: 'press Ctrl-C to end now',
  waitingForNext: 'waiting for the next recipient',
  connecting: 'connecting to the sender',
  notifyVerify: 'compare the phrase with the other side',
  notifyOffer: 'an offer is waiting for your answer',
  notifyDone: 'the transfer is complete',
  notifyFailed: 'it has ended with an error',
  samePhrase: 'does the other side show the same phrase? [y/n] ',
  interrupted: 'interrupted transfers:',
  whichInterrupted: 'which one to resume? (empty for 1) ',
  noSuchInterrupted: (count: number): string => `type a number from 1 to ${count}`,
  resumed: (what: string): string => `resuming the sending of ${what}`,
  interruptedLeft: (count: number): string =>
    `${countText(count, 'older interrupted transfer')} left for later`,
  reconnecting: 'reconnecting to the other side',
  sendersTor: "the sender's tor",
  publishing: 'publishing the address of the sender',
  senderWaits: 'the sender is waiting at this address, with this password:',
  recipientsTor: "the recipient's tor",
  recipientConnects: 'the recipient is connecting to the address',
  open: 'if the page does not open by itself, open this address in your browser; it works once',
  stopping: 'stopping',
  keyToStopAtOnce: 'press Ctrl-C again to stop at once',
  suspending: 'stopping; what can be resumed is kept',
  nothingOnInput: (what: string): string => `${what} is missing: nothing came on standard input`,
  waysToGive:
    'run it at a terminal to be asked, or give it on standard input, by --password-file or in ONIONFERRY_PASSWORD',
  outputLost: 'cannot write to standard output; is the disk full?',
  typeText: 'reading from the terminal; press Ctrl-D to end',
  keyExported:
    'warning: the file holds the secret key; anyone who has it can take over the address',
  keyOnTerminal: 'warning: this is the secret key; anyone who has it can take over the address',
  clientKeyWritten:
    'give the file to this client alone, over a safe way: it is a secret; they use it with --client-key',
  clientKeyOnTerminal:
    'warning: this is the secret key of the client; whoever has it gets as near as the client',
  clientKeyInBrowser: 'hint: Tor Browser asks for its last part, after "x25519:"',
  clientsListed: 'onionferry key client list prints those that it has',
  clientRemoved: 'removed; what runs already has to be started again to shut the client out',
  identityClosed: 'nobody has a key for this identity, so nobody can reach its address',
  identityOpen: 'everybody who knows the address of this identity can reach it',
  noIdentity:
    'there is no identity yet; send, relay and others create one, or run onionferry key new',
  keyForce: 'to replace it, add --force; its address is then lost',
} as const;

/** @param whose tor, where there are two */
export function torText(progress: number, summary: string, whose = 'tor'): string {
  return `${whose} ${progress}%, ${lowerFirst(summary)}`;
}

/** @param whose tor */
export function joinedText(whose: string): string {
  return `${whose} is connected to the private Tor network`;
}

export function installText({ phase, bytes, total, summary }: InstallEvent): string {
  const verb = { download: 'downloading', unpack: 'unpacking', verify: 'verifying' }[phase];
  const step = `${verb} ${summary}`;
  if (total !== undefined) return `${step}, ${bytesText(bytes)} of ${bytesText(total)}`;
  // Nothing yet, or a step that downloads nothing.
  return bytes === 0 ? step : `${step}, ${bytesText(bytes)}`;
}

export function interruptedText({ ids, since, paths }: InterruptedSend): string {
  const [first = '', ...others] = paths.map((path) => basename(path));
  const parts = [others.length === 0 ? first : `${first} and ${others.length} more`];
  if (ids.length > 1) parts.push(`to ${countText(ids.length, 'recipient')}`);
  return [...parts, `begun ${secondsText((Date.now() - Date.parse(since)) / 1000)} ago`].join(', ');
}

export function resumingLine({ bytes, total, recipient }: ResumingEvent): Line {
  const had = bytes === null ? '' : `; ${bytesText(bytes)} of ${bytesText(total)} received before`;
  return { text: ofRecipient(recipient, `resuming the interrupted transfer${had}`) };
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

/** Which file is on its way, in a line of its own; undefined where that is not known. */
export function fileText({ file, fileNumber = 1, files = 1 }: ProgressEvent): string | undefined {
  if (file === undefined || files === 1) return file;
  return `file ${fileNumber} of ${files}: ${file}`;
}

export function arrivedLine({ path, bytes, recipient }: ArrivedEvent): Line {
  return { text: `  ${ofRecipient(recipient, `${path}, ${bytesText(bytes)}`)}` };
}

/** @param mayRetry whether it was typed at a prompt */
export function noInvitation(given: string, mayRetry = false): string {
  if (/\.onion/i.test(given)) {
    return 'that is an address without a password; run onionferry receive ADDRESS, and give the password';
  }
  return mayRetry
    ? 'that is not an invitation; one looks like http://….onion/#word-word-word-…'
    : 'that is not an invitation; with a password alone, run onionferry receive ADDRESS';
}

/** @param isPrivate whether only the person who typed it sees this */
export function unlistedLines(words: readonly UnlistedWord[], isPrivate = true): Line[] {
  return words.map(({ position, word, nearest }) => {
    if (!isPrivate) return { text: `word ${position} of the password is not in the word list` };
    const meant = nearest.length === 0 ? '' : `; did you mean ${orOf(nearest)}?`;
    return { text: `"${word}" is not in the word list${meant}` };
  });
}

function orOf(words: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(words);
}

/**
 * A value after its name, in columns. An address has 80 characters so, and on a terminal as wide
 * nothing stands before it.
 */
export function labelled(label: string, value: string, columns = 0): string {
  const line = `  ${label.padEnd(10)}${value}`;
  return columns > 0 && line.length > columns ? line.trimStart() : line;
}

/** A download or an upload is complete. */
export function pageFileLine(verb: PagesCommand, { path, bytes, upload }: FileEvent): Line {
  const what = verb === 'inbox' ? 'received' : 'delivered';
  // Where names are not told, the upload is what can be asked for.
  const which = path === '' ? `a file of upload ${upload}` : shorten(path);
  return { text: `${what} ${which}, ${bytesText(bytes)}`, tone: 'good' };
}

export function purgedLine({ path, bytes }: PurgedEvent): Line {
  const which = path === '' ? 'a file' : shorten(path);
  return { text: `removed ${which}, ${bytesText(bytes)}: older than --purge-after` };
}

export function uploadText({ bytes, total }: UploadEvent): string {
  if (total === null || total === 0) return `an upload, ${bytesText(bytes)}`;
  return `an upload, ${Math.floor((bytes / total) * 100)}%, ${bytesText(bytes)} of ${bytesText(total)}`;
}

export function stoppedUploadLine(event: UploadEvent): Line {
  const which = event.name === '' ? 'an upload' : `the upload of ${shorten(event.name)}`;
  return { text: `${which} has stopped at ${bytesText(event.bytes)}` };
}

export function visitLine({ visitors }: VisitEvent): Line {
  return { text: `a visitor with the password has come; ${visitors} so far` };
}

export function refusedLine({ attempts, total }: RefusedEvent): Line {
  const all = total > attempts ? `; ${total} so far` : '';
  return { text: `refused ${countText(attempts, 'wrong password')}${all}`, tone: 'bad' };
}

/** What a relay does now, and has done. */
export function relayText({ channels, pairs, bytes, refusals }: RelayEvent): string {
  const refused = Object.values(refusals).reduce((sum, count) => sum + count, 0);
  return [
    countText(channels, 'channel'),
    countText(pairs, 'transfer'),
    `${bytesText(bytes)} relayed`,
    ...(refused > 0 ? [countText(refused, 'refusal')] : []),
  ].join(', ');
}

const PEER_LINES: Readonly<Record<Side | 'demo', Record<PeerEvent['state'], Line>>> = {
  send: {
    joined: { text: 'a recipient has connected' },
    authenticated: { text: 'the recipient knows the password', tone: 'good' },
    rejected: { text: 'a recipient with a wrong password was refused', tone: 'bad' },
    left: { text: 'the recipient has disconnected' },
  },
  receive: {
    joined: { text: 'connected to the sender' },
    authenticated: { text: 'the sender knows the password', tone: 'good' },
    rejected: { text: 'the sender refused the password', tone: 'bad' },
    left: { text: 'the sender has disconnected' },
  },
  demo: {
    joined: { text: 'the recipient has connected to the sender' },
    authenticated: { text: 'both sides have proved that they know the password', tone: 'good' },
    rejected: { text: 'the sender refused the recipient', tone: 'bad' },
    left: { text: 'the sender has disconnected' },
  },
};

export const manyRefusedLine: Line = {
  text: 'many recipients with wrong passwords are being refused; the rest are not listed',
  tone: 'bad',
};

/** A sentence about one of several recipients. */
export function ofRecipient(recipient: number | undefined, text: string): string {
  return recipient === undefined ? text : `recipient ${recipient}: ${text}`;
}

/** @param side the demonstration shows both */
export function peerLine(
  side: Side | 'demo',
  { state, recipient }: Omit<PeerEvent, 'event'>,
): Line {
  const { text, tone } = PEER_LINES[side][state];
  const numbered =
    recipient === undefined ? text : text.replace('the recipient', `recipient ${recipient}`);
  return { text: numbered, ...(tone !== undefined && { tone }) };
}

export function offerLines(offer: OfferEvent): Line[] {
  const size = offer.bytes === null ? 'size unknown' : bytesText(offer.bytes);
  if (offer.kind === 'text') return [{ text: `the sender offers a text, ${size}` }];
  return [
    { text: `the sender offers ${countText(offer.files, 'file')}, ${size}:` },
    ...offeredLines(offer),
    ...wantedLines(offer),
  ];
}

/** A folder ends in "/", and says what is in it; a file has its size. */
function offeredLines({ names, entries }: OfferEvent): Line[] {
  const texts = new Map(entries?.map((entry) => [entry.name, offeredText(entry)]));
  return nameLines(names, (name) => texts.get(name) ?? shorten(name));
}

function offeredText({ name, kind, files, bytes }: OfferedEntry): string {
  if (kind === 'link') return `${shorten(name)}, a link`;
  const size = bytes === null ? 'size unknown' : bytesText(bytes);
  if (kind === 'file') return `${shorten(name)}, ${size}`;
  return files === 0
    ? `${shorten(name)}/, empty`
    : `${shorten(name)}/, ${countText(files, 'file')}, ${size}`;
}

/** With --only: what of the offer is fetched. */
function wantedLines({ wanted }: OfferEvent): Line[] {
  if (wanted === undefined) return [];
  const size = wanted.bytes === null ? 'size unknown' : bytesText(wanted.bytes);
  return [{ text: `of these, ${countText(wanted.files, 'file')}, ${size}, will be fetched` }];
}

export function question(directory: string | undefined): string {
  return directory === undefined ? 'accept it? [Y/n] ' : `receive into ${directory}? [Y/n] `;
}

export function doneLines(
  side: Side,
  { bytes, files, seconds, recipient }: DoneEvent,
  kind: OfferEvent['kind'],
): Line[] {
  const verb = side === 'send' ? 'sent' : 'received';
  const rate = seconds > 0 ? ` (${rateText(bytes / seconds)})` : '';
  const size = `${bytesText(bytes)} in ${secondsText(seconds)}${rate}`;
  if (kind === 'files' && files === 0 && bytes > 0) {
    // `files` counts those that were kept: all names existed and were skipped.
    const who = side === 'send' ? 'the recipient kept none of the files' : 'kept none of the files';
    return [{ text: ofRecipient(recipient, `${verb} ${size}; ${who}`) }];
  }
  const what = kind === 'text' ? 'the text' : countText(files, 'file');
  return [{ text: ofRecipient(recipient, `${verb} ${what}, ${size}`), tone: 'good' }];
}

/** The first names, and how many more there are. */
export function nameLines(
  names: readonly string[],
  textOf: (name: string) => string = shorten,
): Line[] {
  const shown = names.slice(0, NAMES_MAX).map((name) => ({ text: `  ${textOf(name)}` }));
  const more = names.length - shown.length;
  return more > 0 ? [...shown, { text: `  and ${more} more` }] : shown;
}

/** A check by the doctor, on one line. */
export function checkText({ check, ok, detail }: CheckEvent): string {
  return `${ok ? 'ok  ' : 'FAIL'}  ${check.padEnd(14)}  ${sentence(detail)}`;
}

/** After the lines of the checks, which have the details. */
export function cannotUseTor(failed: readonly string[]): string {
  return `this machine cannot use Tor; failed: ${failed.join(', ')}`;
}

export function warningLine(message: string): Line {
  return { text: `warning: ${sentence(message)}` };
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

/** Keeps both ends: the start says what it is, the end which type. */
function shorten(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= 100) return name;
  return `${characters.slice(0, 70).join('')}…${characters.slice(-29).join('')}`;
}
