import { secondsText } from '../../base/quantities.js';

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const FRAME_MS = 100;

/** A text that is seen to be alive: something turns before it, and seconds count behind it. */
export function spinnerText(text: string, elapsedMs: number): string {
  const frame = FRAMES.charAt(Math.floor(elapsedMs / FRAME_MS) % FRAMES.length);
  const seconds = Math.floor(elapsedMs / 1000);
  if (seconds === 0) return `${frame} ${text}`;
  return `${frame} ${text} (${seconds < 10 ? `${seconds}s` : secondsText(seconds)})`;
}
