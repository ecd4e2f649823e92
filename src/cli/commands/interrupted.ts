import type { InterruptedSend } from '../../api/interrupted-sends.js';
import type { Session } from '../session.js';
import { interruptedText, texts } from '../wording.js';

/**
 * The transfer to resume: asks if there are several and somebody can answer; else the newest, and
 * says which that is.
 *
 * @param all the newest first
 * @returns undefined if there is none
 */
export async function chooseInterrupted(
  all: readonly InterruptedSend[],
  session: Session,
): Promise<InterruptedSend | undefined> {
  const { screen } = session;
  const [newest, ...others] = all;
  if (newest === undefined) return undefined;
  if (others.length === 0 || !session.canAsk || screen.mode.json) {
    screen.remark(
      { text: texts.resumed(interruptedText(newest)) },
      ...(others.length === 0 ? [] : [{ text: texts.interruptedLeft(others.length) }]),
    );
    return newest;
  }
  const lines = all.map((one, index) => ({ text: `  ${index + 1}  ${interruptedText(one)}` }));
  screen.terminal.say({ text: texts.interrupted }, ...lines);
  for (;;) {
    const answer = await session.askLine(texts.whichInterrupted);
    const chosen = answer === '' ? newest : /^\d+$/.test(answer) && all[Number(answer) - 1];
    if (chosen) return chosen;
    screen.remark({ text: texts.noSuchInterrupted(all.length) });
  }
}
