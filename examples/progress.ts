// Receives into a folder, and says what it is doing:
//
//   INVITATION=… npx tsx examples/progress.ts FOLDER

import { fileURLToPath } from 'node:url';
import { type Option, type ReceiveSummary, receive, withOutput } from 'onionferry';

export async function receiveWithProgress(
  invitation: string,
  folder: string,
  say: (line: string) => void,
  ...options: readonly Option<'receive'>[]
): Promise<ReceiveSummary> {
  const receiving = receive(invitation, withOutput(folder), ...options);
  for await (const event of receiving) {
    switch (event.event) {
      case 'tor':
        say(`connecting to Tor: ${event.progress} %`);
        break;
      case 'waiting':
        say(`waiting: ${event.reason}`);
        break;
      case 'progress': {
        const of = event.total === null ? '' : ` of ${event.total}`;
        say(`${event.bytes}${of} bytes over ${event.circuits} circuits`);
        break;
      }
      case 'file':
        say(`received ${event.path}, SHA-256 ${event.sha256 ?? 'unknown'}`);
        break;
      default:
        // README lists all events.
        break;
    }
  }
  return await receiving.done;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = '.'] = process.argv.slice(2);
  const { files } = await receiveWithProgress(process.env['INVITATION'] ?? '', folder, console.log);
  console.log(`${files} files`);
}
