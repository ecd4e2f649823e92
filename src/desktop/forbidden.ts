/** A request that is not from the browser window that was opened. */
export class Forbidden extends Error {
  /** @param fault for the log */
  constructor(fault: string) {
    super(`refused: ${fault}`);
  }
}
