import type { Answer } from '../../onion-http/onion-http-server.js';

/**
 * Further onion addresses of this program. A browser has one circuit for each address, so a page
 * that fetches from several of them has several circuits.
 */
export interface Siblings {
  /** Of all of them, online or not: the page's policy has to name them before they are asked for. */
  readonly origins: readonly string[];
  /** What they answer with; to be said once, before they are wanted. */
  answerWith(answer: Answer): void;
  /**
   * Brings them online, or keeps them so: they go some minutes after the last call.
   *
   * @returns the origins of those that can be reached now
   */
  wanted(): readonly string[];
}
