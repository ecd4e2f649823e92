import type { Request, Response } from 'express';
import { within } from '../../base/deadline.js';
import type { Answer } from '../../onion-http/onion-http-server.js';
import type { SiblingsOnline } from './plan.js';

/**
 * Further onion addresses of this program. A browser has one circuit for each address, so a page
 * that fetches from several of them has several circuits.
 */
export interface Siblings {
  /** Of all of them, online or not: the page's policy has to name them before they are asked for. */
  readonly origins: readonly string[];
  /** A path at which each of them answers with nothing; see withGreeting */
  readonly greeting: string;
  /** What they answer with; to be said once, before they are wanted. */
  answerWith(answer: Answer): void;
  /**
   * Brings them online, or keeps them so: they go some minutes after the last call.
   *
   * @returns the origins of those that can be reached now
   */
  wanted(): readonly string[];
  /** Resolves when another one has come online. */
  readonly news: Promise<void>;
}

/** Without news a reply comes after this: who ends serving waits for requests that run. */
const NEWS_MS = 5000;

/**
 * Tells a page which are online, and keeps them so. One that knows of `?known=N` is answered when
 * there are more: to ask once more would cost another way through Tor and back.
 */
export async function tellSiblings(
  siblings: Omit<Siblings, 'answerWith'>,
  { query }: Request,
  response: Response,
): Promise<void> {
  const { origins, greeting } = siblings;
  const isNews = ({ length }: readonly string[]): boolean =>
    length !== Number(query['known']) || length === origins.length;
  if (!isNews(siblings.wanted())) await within(siblings.news, NEWS_MS);
  const told: SiblingsOnline = { origins: siblings.wanted(), siblings: origins.length, greeting };
  response.json(told);
}
