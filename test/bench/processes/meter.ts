import type { Arrived, SideReport, Timing, Usage } from './report.js';
import { peakRssOf } from './usage-of.js';

const LOOK_EVERY_MS = 10;
const QUARTERS = [0.25, 0.5, 0.75];

/** Keeps the time and watches this process's own memory while a file is carried. */
export class Meter {
  #rss: number[] = [];
  #cpu: NodeJS.CpuUsage = { user: 0, system: 0 };
  #startedAt: number | undefined;
  #firstByteAt: number | undefined;
  #stoppedAt: number | undefined;
  #content: { readonly from: number; to: number } | undefined;
  #looking: NodeJS.Timeout | undefined;
  #arrived: Arrived = {};

  /** Time is counted from here, CPU time too. */
  start(): void {
    this.#cpu = process.cpuUsage();
    this.#startedAt = performance.now();
  }

  /** The other side has said its first word. */
  firstByte(): void {
    this.#firstByteAt ??= performance.now();
  }

  /** Some of the content has come. */
  content(): void {
    const now = performance.now();
    this.#content ??= { from: now, to: now };
    this.#content.to = now;
  }

  /** Time is counted to here: everything is where it belongs. */
  stop(arrived: Arrived = {}): void {
    this.#stoppedAt = performance.now();
    this.#arrived = arrived;
  }

  /** Notes the memory at each quarter of the way; once for each run. */
  watch(carried: () => number, total: number): void {
    clearInterval(this.#looking);
    this.#rss = [];
    const look = (): void => {
      while (carried() >= (QUARTERS[this.#rss.length] ?? Infinity) * total) {
        this.#rss.push(process.memoryUsage.rss());
      }
    };
    this.#looking = setInterval(look, LOOK_EVERY_MS);
  }

  /** What this process used since the last report, or since it began. */
  report(): SideReport {
    clearInterval(this.#looking);
    const timing = this.#timing();
    return {
      usage: this.#usage(),
      ...(timing !== undefined && { timing }),
      ...this.#arrived,
    };
  }

  #timing(): Timing | undefined {
    if (this.#startedAt === undefined || this.#stoppedAt === undefined) return undefined;
    const seconds = (this.#stoppedAt - this.#startedAt) / 1000;
    const { from, to } = this.#content ?? { from: 0, to: 0 };
    return {
      seconds,
      ...(this.#firstByteAt !== undefined && {
        firstByteSeconds: (this.#firstByteAt - this.#startedAt) / 1000,
      }),
      ...(to > from && { contentSeconds: (to - from) / 1000 }),
    };
  }

  #usage(): Usage {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const rssBytes = [...this.#rss, process.memoryUsage.rss()];
    return { cpuSeconds: (user + system) / 1e6, peakRssBytes: peakRss(), rssBytes };
  }
}

/** getrusage() also counts what the parent had when it forked, so Linux is asked otherwise. */
function peakRss(): number {
  return peakRssOf('self') ?? process.resourceUsage().maxRSS * 1024;
}
