import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Input } from './target.js';

/** Inputs that were once judged badly, by the name of their target; text as it is. */
const schema = v.record(
  v.string(),
  v.array(v.union([v.string(), v.object({ base64: v.string() })])),
);

const PATH = fileURLToPath(new URL('cases.json', import.meta.url));

/** What earlier runs have found: it must never be judged badly again. */
export async function readCases(
  path: string = PATH,
): Promise<ReadonlyMap<string, readonly Input[]>> {
  const recorded = v.parse(schema, JSON.parse(await readFile(path, 'utf8')));
  return new Map(
    Object.entries(recorded).map(([name, inputs]) => [
      name,
      inputs.map((input) =>
        typeof input === 'string' ? input : Uint8Array.from(Buffer.from(input.base64, 'base64')),
      ),
    ]),
  );
}

export async function addCase(name: string, input: Input, path: string = PATH): Promise<void> {
  const cases = new Map(await readCases(path));
  cases.set(name, [...(cases.get(name) ?? []), input]);
  const recorded = Object.fromEntries(
    [...cases].map(([of, inputs]) => [of, inputs.map((each) => written(each))]),
  );
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(recorded, undefined, 2)}\n`);
}

function written(input: Input): unknown {
  return typeof input === 'string' ? input : { base64: Buffer.from(input).toString('base64') };
}
