export interface LogLine {
  readonly level: 'debug' | 'info' | 'notice' | 'warn' | 'err';
  readonly text: string;
}

/**
 * One line of tor's output. A line in another form comes from before tor can log (from the dynamic
 * loader) and counts as a warning.
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

/** Logged at every start of such a tor, or about an earlier line: none explains why tor ended. */
const IRRELEVANT: readonly RegExp[] = [
  /^You are running Tor as root/,
  /^You have used DirAuthority/,
  /^TestingTorNetwork is set/,
  /^Fixing permissions on directory/,
  /see warnings above/,
  /^Tor can't help you/,
  /^=+ T= \d+$/, // a crash: the next line names the signal,
  /\[0x[0-9a-f]+\]$/, // and these are the stack
];

/** The last warning that may explain tor's end. */
export class LastWarning {
  text: string | undefined;

  take(text: string): void {
    if (text.trim() === '' || IRRELEVANT.some((pattern) => pattern.test(text))) return;
    this.text = text.trim();
  }
}
