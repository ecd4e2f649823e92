export interface LogLine {
  readonly level: 'debug' | 'info' | 'notice' | 'warn' | 'err';
  readonly text: string;
}

/**
 * One line of tor's output. What does not look like its log comes from before tor can log (the
 * dynamic loader) and is as good as a warning.
 */
export function parseLogLine(line: string): LogLine {
  const [, level, text = ''] =
    /^\w{3} [ \d]\d [\d:.]+ \[(debug|info|notice|warn|err)\] (.*)$/.exec(line) ?? [];
  switch (level) {
    case 'debug':
    case 'info':
    case 'notice':
    case 'warn':
    case 'err':
      return { level, text };
    default:
      return { level: 'warn', text: line };
  }
}

/** Said at every start of such a tor, or only about an earlier line: none tells why tor ended. */
const BESIDE_THE_POINT: readonly RegExp[] = [
  /^You are running Tor as root/,
  /^You have used DirAuthority/,
  /^TestingTorNetwork is set/,
  /^Fixing permissions on directory/,
  /see warnings above/,
  /^Tor can't help you/,
  /^=+ T= \d+$/, // of a crash: the line after it names the signal,
  /\[0x[0-9a-f]+\]$/, // and these are the stack
];

/** Keeps the last complaint that can explain something. */
export class Complaints {
  last: string | undefined;

  add(text: string): void {
    if (text.trim() === '' || BESIDE_THE_POINT.some((pattern) => pattern.test(text))) return;
    this.last = text.trim();
  }
}
