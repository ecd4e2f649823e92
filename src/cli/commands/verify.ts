import type { Command } from 'commander';
import { usageError, withVerify } from '../../api/options.js';
import { askYesNo } from '../ask.js';
import { phraseLines } from '../attention-wording.js';
import type { Session } from '../session.js';
import { texts } from '../wording.js';

export interface VerifyOption {
  readonly verify?: boolean;
}

export function addVerifyOption(command: Command): Command {
  return command.option('--verify', 'compare a phrase with the other side, which gives this too');
}

/**
 * Asks one question at a time: `send --keep` may have several recipients to compare with.
 *
 * @throws OnionferryError ERR_USAGE if nobody could answer
 */
export function verifyOption(
  { verify }: VerifyOption,
  session: Session,
): ReturnType<typeof withVerify>[] {
  if (verify !== true) return [];
  if (!session.canAsk) {
    throw usageError('--verify asks whether two phrases are the same; run it in a terminal');
  }
  let before: Promise<unknown> = Promise.resolve();
  const ask = async (phrase: string, over: AbortSignal): Promise<boolean> => {
    if (over.aborted) return false;
    const asking = session.askOptions('the answer');
    session.screen.terminal.say(...phraseLines(phrase));
    const signal = AbortSignal.any([asking.signal, over]);
    return await askYesNo(texts.samePhrase, { ...asking, signal }, 'neither');
  };
  return [
    withVerify((phrase, over) => {
      const answer = before.then(() => ask(phrase, over));
      before = answer.catch(() => undefined);
      return answer;
    }),
  ];
}
