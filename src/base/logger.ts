/** Where a room tells what it does. No secret is ever passed to it, at any level. */
export interface Logger {
  /** Of use to who looks for a defect. */
  debug(message: string): void;
  /** Of use to who runs it. */
  warn(message: string): void;
}

export const silentLogger: Logger = {
  debug: () => undefined,
  warn: () => undefined,
};
