import { open, readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * What Linux shows of processes in /proc. A process that ends while it is looked at is no error:
 * it is not there.
 */

/** A pid alone may be another process's by the time it is looked at again. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since the machine started. */
  readonly startedAt: string;
}

/** Children of a process, their children, and so on. */
export async function descendantsOf(pid: number): Promise<ProcessId[]> {
  const all = await Promise.all((await allPids()).map(readStat));
  const found: ProcessId[] = [];
  const parents = [pid];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const stat of all) {
      if (stat?.parent !== parent) continue;
      found.push({ pid: stat.pid, startedAt: stat.startedAt });
      parents.push(stat.pid);
    }
  }
  return found;
}

/** A process that only waits for its parent to ask how it ended does not run. */
export async function isRunning({ pid, startedAt }: ProcessId): Promise<boolean> {
  const stat = await readStat(pid);
  return stat?.startedAt === startedAt && !'ZX'.includes(stat.state);
}

/** Processes whose parent was killed end at once, on a machine that has time for them. */
const ORPHANS_END_MS = 60_000;

/** Waits until none of the processes runs, of which there must be some. */
export async function untilEnded(processes: readonly ProcessId[]): Promise<void> {
  if (processes.length === 0) throw new Error('there were no processes to begin with');
  const giveUpAt = performance.now() + ORPHANS_END_MS;
  for (const process of processes) {
    while (await isRunning(process)) {
      if (performance.now() > giveUpAt) {
        throw new Error(`still running: ${await commandLineOf(process.pid)}`);
      }
      await sleep(50);
    }
  }
}

/** Arguments with a NUL behind each. */
export async function commandLineOf(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

/** The variables that it was started with, with a NUL behind each. */
export async function environmentOf(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
}

export async function allPids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Files, folders and sockets below `directory` that some process has open, and which process. */
export async function openBelow(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await allPids()) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const link of ['cwd', ...descriptors.map((fd) => `fd/${fd}`)]) {
      const path = await readlink(`/proc/${pid}/${link}`).catch(() => '');
      if (path.startsWith(`${directory}/`)) found.push(`process ${pid} has ${path} open`);
    }
  }
  const sockets = (await readFile('/proc/net/unix', 'utf8')).split('\n');
  return [...found, ...sockets.filter((line) => line.includes(`${directory}/`))];
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Which of the texts are in a process's memory, as Latin-1 or as UTF-16, the two ways in which
 * JavaScript keeps strings.
 *
 * @throws Error if the system does not let us look
 */
export async function findInMemory(pid: number, texts: readonly string[]): Promise<string[]> {
  const needles = texts.map((text) => [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')]);
  const overlap = Math.max(...needles.flat().map((needle) => needle.length)) - 1;
  const found = new Set<number>();
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
  await using memory = await open(`/proc/${pid}/mem`, 'r').catch((cause: unknown) => {
    throw new Error(`the memory of process ${pid} can be read by root, or with ptrace allowed`, {
      cause,
    });
  });
  const buffer = Buffer.alloc(overlap + CHUNK_BYTES);
  let bytesSeen = 0;
  for (const [, from, to] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) r.*$/gm)) {
    let kept = 0;
    for (let at = parseInt(from!, 16); at < parseInt(to!, 16); ) {
      const length = Math.min(CHUNK_BYTES, parseInt(to!, 16) - at);
      // Some of the kernel's own pages there cannot be read.
      const read = await memory.read(buffer, kept, length, at).catch(() => ({ bytesRead: 0 }));
      if (read.bytesRead === 0) break;
      const seen = buffer.subarray(0, kept + read.bytesRead);
      needles.forEach((forms, index) => {
        if (forms.some((needle) => seen.includes(needle))) found.add(index);
      });
      bytesSeen += read.bytesRead;
      at += read.bytesRead;
      kept = Math.min(overlap, seen.length);
      seen.copy(buffer, 0, seen.length - kept);
    }
  }
  if (bytesSeen < CHUNK_BYTES) throw new Error(`the memory of process ${pid} cannot be read`);
  return texts.filter((_, index) => found.has(index));
}

interface Stat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly startedAt: string;
}

/** proc(5), /proc/pid/stat; the name in parentheses may hold anything. */
async function readStat(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent = ''] = fields;
  return { pid, state, parent: Number(parent), startedAt: fields[19] ?? '' };
}
