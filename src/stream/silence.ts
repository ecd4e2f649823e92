/** A side with nothing to say says so this often. */
export const HEARTBEAT_MS = 5_000;
/** A side that is silent for longer is gone: six heartbeats, or one on a very slow circuit. */
export const SILENCE_MAX_MS = 30_000;
