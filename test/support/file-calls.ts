import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

/** A call to the file system, about to be made. */
export interface FileCall {
  readonly name: string;
  readonly path: string;
}

/**
 * Sees each call before it is made. What it throws is what the call throws, and nothing is done. A
 * number is how many bytes a write takes at most, without failing.
 */
export type FileHook = (call: FileCall) => unknown;

const PATHS = [
  ...['appendFile', 'chmod', 'link', 'lstat', 'mkdir', 'open', 'readFile', 'readdir', 'realpath'],
  ...['rename', 'rm', 'rmdir', 'stat', 'statfs', 'symlink', 'unlink', 'utimes', 'writeFile'],
];
const HANDLES = [
  ...['appendFile', 'chmod', 'close', 'datasync', 'read', 'readFile', 'stat', 'sync', 'truncate'],
  ...['write', 'writeFile'],
];
/** With a descriptor first. */
const DESCRIPTORS = [
  ...['closeSync', 'fchmodSync', 'fsyncSync', 'fdatasyncSync', 'futimesSync', 'readSync'],
  'writeSync',
];
/** With what is made behind what it is made from. */
const MADE_SECOND: readonly string[] = ['symlink'];

/** They may write a part of what they are given. */
const PARTIAL: readonly string[] = ['handle.write', 'writeSync'];

type Call = (...args: unknown[]) => unknown;

const hooks = new Map<string, FileHook>();

/** Sees all calls for `root` and what is below it, while `work` runs. Others may run beside it. */
export async function hookFileCalls<T>(
  roots: readonly string[],
  hook: FileHook,
  work: () => Promise<T>,
): Promise<T> {
  for (const root of roots) hooks.set(root, hook);
  try {
    return await work();
  } finally {
    for (const root of roots) hooks.delete(root);
  }
}

/**
 * Puts the hooks in front of Node's file system, for all modules of this process.
 *
 * @returns takes them away again
 */
export function watchFileCalls(): () => void {
  const restore: (() => void)[] = [];
  const descriptors = new Map<unknown, string>();
  const see = (name: string, file: unknown): number => {
    let most = Number.POSITIVE_INFINITY;
    if (typeof file !== 'string') return most;
    const whole = path.resolve(file);
    for (const [root, hook] of hooks) {
      if (whole !== root && !whole.startsWith(`${root}${path.sep}`)) continue;
      const answer = hook({ name, path: whole });
      if (typeof answer === 'number' && PARTIAL.includes(name)) most = Math.min(most, answer);
    }
    return most;
  };
  const replace = (of: object, name: string, make: (original: Call) => Call): void => {
    // Node's own objects: plain functions by name.
    const members = of as Record<string, Call>;
    const original = members[name];
    if (original === undefined) throw new Error(`node:fs has no ${name}`);
    members[name] = make(original);
    restore.push(() => {
      members[name] = original;
    });
  };
  const watched = (handle: FileHandle, file: string): FileHandle => {
    for (const name of HANDLES) {
      replace(handle, name, (original) => async (...args) => {
        // Like the system's, a close that fails has closed nevertheless.
        const closed = name === 'close' ? await original.apply(handle, args) : undefined;
        const most = see(`handle.${name}`, file);
        if (name === 'close') return closed;
        return await original.apply(handle, name === 'write' ? inPart(args, 0, most) : args);
      });
    }
    return handle;
  };
  for (const name of PATHS) {
    const at = MADE_SECOND.includes(name) ? 1 : 0;
    replace(fs.promises, name, (original) => async (...args) => {
      see(name, args[at]);
      const result: unknown = await original(...args);
      return name === 'open' ? watched(result as FileHandle, String(args[0])) : result;
    });
    const sync = `${name}Sync`;
    replace(fs, sync, (original) => (...args) => {
      see(sync, args[at]);
      const result = original(...args);
      if (name === 'open') descriptors.set(result, String(args[0]));
      return result;
    });
  }
  for (const name of DESCRIPTORS) {
    replace(fs, name, (original) => (...args) => {
      if (name === 'closeSync') original(...args);
      const most = see(name, descriptors.get(args[0]));
      if (name === 'closeSync') return undefined;
      return original(...(name === 'writeSync' ? inPart(args, 1, most) : args));
    });
  }
  syncBuiltinESMExports();
  return () => {
    for (const back of restore.reverse()) back();
    syncBuiltinESMExports();
  };
}

/** The arguments of a write of bytes, the bytes at `at`, with at most so many of them. */
function inPart(args: readonly unknown[], at: number, most: number): unknown[] {
  const [bytes, offset = 0, length, ...position] = args.slice(at);
  if (!(bytes instanceof Uint8Array) || most === Number.POSITIVE_INFINITY) return [...args];
  const wanted = Number(length ?? bytes.length - Number(offset));
  return [...args.slice(0, at), bytes, offset, Math.min(wanted, most), ...position];
}

/** What the system throws. */
export function systemError(code: string, { name, path: file }: FileCall): Error {
  return Object.assign(new Error(`${code}: put in by a test, ${name} '${file}'`), { code });
}
