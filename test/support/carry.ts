import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Ferry } from './ferry.js';
import type { Stage, StartOptions } from './stage.js';

/** Lets a recipient fetch with a sender's invitation; resolves when both have ended well. */
export async function fetchFrom(
  sender: Ferry,
  stage: Stage,
  options: StartOptions & { readonly out?: string } = {},
): Promise<Ferry> {
  const { out = 'to', ...rest } = options;
  const { invitation } = await sender.told('online');
  const recipient = await stage.start(['receive', '--json', '--out', stage.at(out)], {
    ...rest,
    input: `${invitation}\n`,
  });
  await recipient.exits(0);
  await sender.exits(0);
  return recipient;
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Compares files by this: vitest takes seconds for each megabyte that it compares itself. */
export async function hashOf(path: string): Promise<string> {
  return sha256(await readFile(path));
}
