/** The connection that a request came on. */
export interface Caller {
  readonly socket: { readonly destroyed: boolean };
  /** tor's number of the circuit; undefined where no circuit is told */
  readonly circuit: number | undefined;
}
