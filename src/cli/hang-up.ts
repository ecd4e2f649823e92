import { closeSync, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';

/** SIGHUP in the masks of proc(5), /proc/pid/status. */
const SIGHUP_BIT = 1n;
/** open(2): the access mode, and that for writing only. */
const ACCESS_MODE = 0o3;
const WRITE_ONLY = 0o1;

/**
 * Whether the program was started with SIGHUP ignored, so that it outlives its terminal.
 *
 * Node resets every signal before any of our code runs, so this cannot be seen any more, only what
 * goes with it: the parent ignores it too, the shell says that it ran nohup, the standard streams are
 * those that nohup replaces terminals with, or they were all redirected by somebody who did not just
 * start this program from a shell (`exec nohup onionferry … >log 2>&1 </dev/null`).
 */
export function isHangUpIgnored(environment: NodeJS.ProcessEnv): boolean {
  // Shells put the path of the command that they run there.
  if (basename(environment['_'] ?? '') === 'nohup') return true;
  if (ignoresHangUp(process.pid) || ignoresHangUp(process.ppid) || hasStreamsOfNohup()) return true;
  return areStreamsRedirected() && !isNamed(environment['_'] ?? '');
}

function ignoresHangUp(pid: number): boolean {
  const [, mask] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return mask !== undefined && (BigInt(`0x${mask}`) & SIGHUP_BIT) !== 0n;
}

/** Instead of a terminal, stdin is a null device that cannot be read, and stdout a nohup.out. */
function hasStreamsOfNohup(): boolean {
  const [, flags = '0'] = /^flags:\s*([0-7]+)$/m.exec(read('/proc/self/fdinfo/0')) ?? [];
  const isUnreadable = (Number.parseInt(flags, 8) & ACCESS_MODE) === WRITE_ONLY;
  return (
    (isUnreadable && target(0) === '/dev/null') ||
    [1, 2].some((fd) => basename(target(fd)) === 'nohup.out')
  );
}

/** Nothing comes from a terminal or a pipe, or goes to one. */
function areStreamsRedirected(): boolean {
  return [0, 1, 2].every((fd) => target(fd) === '/dev/null' || isFile(fd));
}

/** Whether it is what a shell puts there that has started this program by itself. */
function isNamed(path: string): boolean {
  const names = [...process.argv.slice(0, 2), 'onionferry'].map((own) => basename(own));
  return names.includes(basename(path));
}

/** Elsewhere than on Linux there is nothing to read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isFile(fd: number): boolean {
  try {
    return target(fd) !== '' && fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

function target(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/**
 * Lets the process end in order although its terminal was closed. Node gives terminals their modes
 * back at its end and aborts, with a native stack trace, if one of them does not take it; streams
 * that have been replaced are left alone.
 */
export function outliveTerminal(): void {
  if (process.platform === 'win32') return;
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.once('exit', () => {
    for (const fd of terminals) if (!isatty(fd)) replaceByNothing(fd);
  });
}

function replaceByNothing(fd: number): void {
  try {
    closeSync(fd);
    // Takes the lowest number that is free.
    openSync('/dev/null', 'r+');
  } catch {
    // It was closed before: then node leaves it alone, too.
  }
}
