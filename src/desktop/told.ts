import type { FerryEvent, OfferEvent, OnlineEvent, ProgressEvent } from '../api/events.js';
import { looksLikeInvitation } from '../api/options.js';
import type { OfferState, PlaceState, ProgressState, TaskState } from '../pages/desktop/state.js';
import { qrCode } from './qr-code.js';
import { type Said, waitingFor } from './said.js';

/** Names of an offer, and lines of files and warnings, that a page shows. */
const NAMES_MAX = 50;
const FILES_MAX = 20;
const WARNINGS_MAX = 10;

/** A task in no language yet. */
export interface ToldTask extends Omit<TaskState, 'about' | 'status' | 'warnings' | 'failure'> {
  readonly status: Said;
  /** As the library says them */
  readonly warnings: readonly string[];
}

/** What a task is, once a call has told this. */
export function told<Task extends ToldTask>(task: Task, event: FerryEvent): Task {
  switch (event.event) {
    case 'install':
    case 'tor':
      return { ...task, status: ({ status }) => status.waitingForTor };
    case 'address':
      return { ...task, status: ({ status }) => status.publishing, place: placeOf(task, event) };
    case 'online':
      return { ...task, status: waitingIn(task), place: placeOf(task, event) };
    case 'resuming':
      return { ...task, status: ({ status }) => status.resuming };
    case 'peer': {
      const { state, recipient } = event;
      const left = state === 'left' || state === 'rejected';
      const progress = left ? without(task.progress, recipient) : task.progress;
      return { ...task, status: ({ status }) => status.peers[state], progress };
    }
    case 'offer':
      return { ...task, offer: offerOf(event) };
    case 'progress':
      return {
        ...task,
        status: ({ status }) => status.running,
        progress: withProgress(task.progress, event),
      };
    case 'file': {
      const { path, bytes } = event;
      const file = { path, bytes };
      return { ...task, files: [file, ...task.files].slice(0, FILES_MAX) };
    }
    case 'text':
      return { ...task, text: event.text };
    case 'waiting':
      return { ...task, status: waitingFor(event.reason) };
    case 'warning': {
      const { message } = event;
      if (task.warnings.includes(message)) return task;
      return { ...task, warnings: [message, ...task.warnings].slice(0, WARNINGS_MAX) };
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

function waitingIn({ verb }: ToldTask): Said {
  return ({ status }) => (verb === 'send' ? status.waitingForRecipient : status.waitingForVisitors);
}

function doneText(
  { verb, offer }: ToldTask,
  { files, bytes, seconds }: { files: number; bytes: number; seconds: number },
): Said {
  if (verb !== 'receive') return ({ status }) => status.sent(files, bytes, seconds);
  return ({ status }) =>
    offer?.kind === 'text' ? status.receivedText : status.received(files, bytes, seconds);
}

function placeOf(
  { verb }: ToldTask,
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
