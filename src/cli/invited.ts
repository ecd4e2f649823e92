import {
  findInvitation,
  looksLikeInvitation,
  parsePassword,
  readInvitation,
  usageError,
} from '../api/options.js';
import type * as Words from '../api/words.js';
import { OnionferryError } from '../base/errors.js';
import { AdvisedError } from './error-wording.js';
import type { Session } from './session.js';
import { noInvitation, texts, unlistedLines } from './wording.js';

/** What a recipient knows of a sender. */
export interface Invited {
  /** An invitation, or the password for the address. */
  readonly secret: string;
  /** The address that was typed instead of an invitation. */
  readonly address?: string;
  readonly user?: string;
}

/** How often another password may be typed: the sender lets a guesser make few as well. */
const PASSWORDS_MORE = 3;

/**
 * From standard input that is no terminal.
 *
 * @param address if it is known
 * @throws OnionferryError ERR_USAGE if there is nothing
 */
export async function readInvited(address: string | undefined, session: Session): Promise<Invited> {
  const what = nameOf(address);
  const secret = await session.readSecretLinesIfAny(what, (text) => isWhole(text, address));
  if (secret === undefined) {
    throw new AdvisedError('ERR_USAGE', texts.nothingOnInput(what), [texts.waysToGive]);
  }
  const words = await loadWords();
  const found = findInvitation(secret, words.isListed);
  if (found.kind === 'invitation') return { secret: found.text };
  return { secret };
}

/** Asks a person, as often as it takes. @param address if it is known */
export async function askInvited(address: string | undefined, session: Session): Promise<Invited> {
  if (!session.canAsk) {
    throw usageError(`cannot ask for ${nameOf(address)} here; use --password-file`);
  }
  session.screen.remark({ text: texts.promptKeys, tone: 'faint' });
  if (address !== undefined) return { secret: await askPassword(session, 'the password', true) };
  const words = await loadWords();
  for (;;) {
    const answer = await session.askSecret(nameOf(address), words.wordsBeginningWith);
    const found = findInvitation(answer, words.isListed);
    if (found.kind === 'address') return await askLogin(found.text, session);
    if (found.kind === 'nothing' && !looksLikeInvitation(answer)) {
      session.screen.remark({ text: noInvitation(answer, true) });
      continue;
    }
    const secret = found.kind === 'invitation' ? found.text : answer;
    try {
      readInvitation(secret);
    } catch (error) {
      if (!(error instanceof OnionferryError)) throw error;
      session.screen.remark({ text: error.message });
      continue;
    }
    return { secret };
  }
}

/** For an address that was pasted instead of an invitation. */
async function askLogin(address: string, session: Session): Promise<Invited> {
  session.screen.remark({ text: texts.addressAlone });
  const user = await session.askLine(texts.userQuestion);
  const secret = await askPassword(session, 'the password', true);
  return { address, secret, ...(user !== '' && { user }) };
}

/**
 * Another password after a wrong one, a few times.
 *
 * @returns what `withAnotherPassword` takes
 */
export function askingAgain(session: Session): () => Promise<string | undefined> {
  let left = PASSWORDS_MORE;
  return async () => {
    if (left === 0) return undefined;
    const again = left === 1 ? texts.wrongPasswordLast : texts.wrongPassword;
    left--;
    session.screen.remark({ text: again, tone: 'bad' });
    return await askPassword(session, 'the password', false);
  };
}

/**
 * Asks until it can be a password. Words that are not in the list are named, and taken if they are
 * typed once more: people choose passwords of their own.
 *
 * @param takesInvitation whether a whole invitation will do as well
 */
async function askPassword(
  session: Session,
  what: string,
  takesInvitation: boolean,
): Promise<string> {
  const words = await loadWords();
  let before: string | undefined;
  for (;;) {
    const answer = await session.askSecret(what, words.wordsBeginningWith);
    if (takesInvitation && looksLikeInvitation(answer)) return answer;
    try {
      parsePassword(answer);
    } catch (error) {
      if (!(error instanceof OnionferryError)) throw error;
      session.screen.remark({ text: error.message });
      continue;
    }
    const unlisted = words.unlistedWords(answer);
    if (unlisted.length === 0 || answer === before) return answer;
    before = answer;
    session.screen.remark(...unlistedLines(unlisted), { text: texts.typeAgain });
  }
}

/** Before anything is dialled: a password that nobody was asked for may have a typing error, too. */
export async function warnOfWords(password: string, session: Session): Promise<void> {
  const words = await loadWords();
  const { terminal } = session.screen;
  const unlisted = words.unlistedWords(password);
  // A word of the password goes to a person, and never into a log.
  session.screen.remark(...unlistedLines(unlisted, terminal.stderr.isTTY === true));
}

function isWhole(text: string, address: string | undefined): boolean {
  const found = findInvitation(text);
  try {
    if (found.kind === 'invitation') readInvitation(found.text);
    else if (address === undefined) return false;
    else parsePassword(text);
    return true;
  } catch {
    return false;
  }
}

function nameOf(address: string | undefined): string {
  return address === undefined ? 'the invitation' : 'the password';
}

/** A third of the program, which most calls do without. */
async function loadWords(): Promise<typeof Words> {
  return await import('../api/words.js');
}
