// Receives, and goes on where it was if an earlier run was ended by SIGTERM, a crash or a power cut:
//
//   INVITATION=… npx tsx examples/resume.ts FOLDER

import { fileURLToPath } from 'node:url';
import {
  isInterrupted,
  type Option,
  type ReceiveSummary,
  receive,
  resumeReceive,
  suspended,
  withOutput,
  withSignal,
} from 'onionferry';

/** @param invitation is not looked at if there is something to resume: its words are used up */
export async function receiveOrResume(
  invitation: string,
  folder: string,
  ...options: readonly Option<'receive' | 'resumeReceive'>[]
): Promise<ReceiveSummary> {
  const all = [withOutput(folder), ...options];
  const receiving = (await isInterrupted(undefined, ...all))
    ? resumeReceive(undefined, ...all)
    : receive(invitation, ...all);
  return await receiving.done;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = '.'] = process.argv.slice(2);
  const ending = new AbortController();
  // What has arrived is kept, and the sender is told to wait.
  process.once('SIGTERM', () => ending.abort(suspended()));
  const signal = withSignal(ending.signal);
  console.log(await receiveOrResume(process.env['INVITATION'] ?? '', folder, signal));
}
