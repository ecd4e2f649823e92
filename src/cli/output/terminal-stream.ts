/** stdout or stderr: a terminal, a file or a pipe. */
export type TerminalStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  /** Of a terminal only. */
  readonly columns?: number | undefined;
};
