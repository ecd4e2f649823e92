import type { FerryEvent, OfferEvent, OnlineEvent, ProgressEvent } from '../api/events.js';
import { looksLikeInvitation } from '../api/options.js';
import { bytesText } from '../base/quantities.js';
import type { OfferState, PlaceState, ProgressState, TaskState } from '../pages/desktop/state.js';
import { desktopWording } from '../pages/desktop-wording.js';
import { qrCode } from './qr-code.js';

const words = desktopWording.status;

/** Names of an offer, and lines of files and warnings, that a page shows. */
const NAMES_MAX = 50;
const FILES_MAX = 20;
const WARNINGS_MAX = 10;

/** What a task is, once a call has told this. */
export function told(task: TaskState, event: FerryEvent): TaskState {
  switch (event.event) {
    case 'install':
    case 'tor':
      return { ...task, status: words.waitingForTor };
    case 'address':
      return { ...task, status: words.publishing, place: placeOf(task, event) };
    case 'online':
      return { ...task, status: waitingIn(task), place: placeOf(task, event) };
    case 'resuming':
      return { ...task, status: words.resuming };
    case 'peer': {
      const left = event.state === 'left' || event.state === 'rejected';
      const progress = left ? without(task.progress, event.recipient) : task.progress;
      return { ...task, status: words.peers[event.state], progress };
    }
    case 'offer':
      return { ...task, offer: offerOf(event) };
    case 'progress':
      return { ...task, status: words.running, progress: withProgress(task.progress, event) };
    case 'file': {
      const file = `${event.path} (${bytesText(event.bytes)})`;
      return { ...task, files: [file, ...task.files].slice(0, FILES_MAX) };
    }
    case 'text':
      return { ...task, text: event.text };
    case 'waiting':
      return { ...task, status: desktopWording.sentence(event.reason) };
    case 'warning': {
      const warning = desktopWording.sentence(event.message);
      if (task.warnings.includes(warning)) return task;
      return { ...task, warnings: [warning, ...task.warnings].slice(0, WARNINGS_MAX) };
    }
    case 'done': {
      const progress = without(task.progress, event.recipient);
      // Others are waited for.
      const isServing = event.recipient !== undefined;
      return { ...task, progress, status: isServing ? waitingIn(task) : doneText(task, event) };
    }
    case 'arrived':
    case 'check':
    case 'purged':
    case 'refused':
    case 'relay':
    case 'upload':
    case 'verify':
    case 'visit':
      return task;
  }
}

function waitingIn({ verb }: TaskState): string {
  return verb === 'send' ? words.waitingForRecipient : words.waitingForVisitors;
}

function doneText(
  { verb, offer }: TaskState,
  { files, bytes, seconds }: { files: number; bytes: number; seconds: number },
): string {
  if (verb === 'receive') {
    return offer?.kind === 'text' ? words.receivedText : words.received(files, bytes, seconds);
  }
  return words.sent(files, bytes, seconds);
}

function placeOf(
  { verb }: TaskState,
  { url, user, password, invitation }: Omit<OnlineEvent, 'event'>,
): PlaceState {
  // Of an inbox and a site it is an address with a login, which programs cannot use.
  const isForPrograms = (verb === 'send' || verb === 'share') && looksLikeInvitation(invitation);
  return {
    ...{ url, user, password },
    ...(isForPrograms && { invitation }),
    qr: qrCode(verb === 'send' ? invitation : url),
  };
}

function offerOf({ kind, names, files, bytes }: OfferEvent): OfferState {
  const shown = names.slice(0, NAMES_MAX);
  return { kind, files, bytes, names: shown, more: names.length - shown.length };
}

function withProgress(
  before: readonly ProgressState[],
  { recipient, bytes, total, rate, circuits }: ProgressEvent,
): readonly ProgressState[] {
  const latest = {
    ...{ bytes, total, rate, circuits },
    ...(recipient !== undefined && { recipient }),
  };
  const isThere = before.some((one) => one.recipient === recipient);
  if (!isThere) return [...before, latest];
  return before.map((one) => (one.recipient === recipient ? latest : one));
}

function without(
  before: readonly ProgressState[],
  recipient: number | undefined,
): readonly ProgressState[] {
  return before.filter((one) => one.recipient !== recipient);
}
