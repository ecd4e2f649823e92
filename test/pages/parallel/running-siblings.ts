import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import type { HttpLimits } from '../../../src/onion-http/limits.js';
import { type Answer, OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { withGreeting } from '../../../src/pages/parallel/greeting.js';
import type { ParallelPlan } from '../../../src/pages/parallel/plan.js';
import type { Siblings } from '../../../src/pages/parallel/siblings.js';
import { Downloads, type DownloadsOptions } from '../../../src/pages/share/downloads.js';
import { createShareRoutes } from '../../../src/pages/share/share-routes.js';
import { ask, servedRoutes, type WebReply, type WebRequest } from '../support/running-web.js';

export const ORIGIN = 'http://page.onion';
export const SIBLING = 'http://sibling.onion';
/** Another one, which is not online at first */
export const OTHER = 'http://other.onion';
const GREETING = '/hello';

export interface RunningSiblings {
  /** Asks the pages, with the password. */
  readonly page: (path: string, request?: WebRequest) => Promise<WebReply>;
  /** Asks a sibling, without it. */
  readonly sibling: (path: string, request?: WebRequest) => Promise<WebReply>;
  readonly plan: (path: string, query?: string) => Promise<ParallelPlan>;
  readonly downloads: Downloads;
  /** Whole ones that were told */
  readonly told: string[];
  /** How often somebody wanted siblings */
  readonly wanted: number;
  readonly bringUp: (origin: string) => void;
}

/** A share and the server of its siblings, on unix sockets. */
export async function runningSiblings(
  paths: readonly string[],
  options: DownloadsOptions = {},
  limits: Partial<HttpLimits> = {},
): Promise<RunningSiblings> {
  const told: string[] = [];
  const downloads = new Downloads({
    onDownload: ({ name }) => told.push(name),
    ...options,
  });
  const answers: Answer[] = [];
  const online = [SIBLING];
  const news = deferred<undefined>();
  let wanted = 0;
  const siblings: Siblings = {
    origins: [SIBLING, OTHER],
    greeting: GREETING,
    answerWith: (answer) => void answers.push(withGreeting(answer, GREETING)),
    wanted() {
      wanted++;
      return [...online];
    },
    news: news.promise,
  };
  const routes = createShareRoutes({
    tree: sharedTree(paths),
    downloads,
    parallel: { siblings, origin: ORIGIN },
  });
  const web = await servedRoutes(routes);
  const [answer] = answers;
  if (answer === undefined) throw new Error('the share says not what siblings answer');
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-siblings-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const server = new OnionHttpServer({
    credentials: { user: 'none', password: 'none' },
    ...{ directory, answer, limits, circuitLine: false },
  });
  await server.listen();
  onTestFinished(() => server.close());
  const page = (path: string, request?: WebRequest): Promise<WebReply> => ask(web, path, request);
  return {
    page,
    sibling: (path, request) => ask(server, path, { credentials: undefined, ...request }),
    async plan(path, query = ''): Promise<ParallelPlan> {
      const { status, text } = await page(`/parallel/plan${path}${query}`);
      if (status !== 200) throw new Error(`there is no plan of ${path}: ${status}`);
      // As the server writes it; its script checks it with a schema.
      return JSON.parse(text) as ParallelPlan;
    },
    downloads,
    told,
    get wanted(): number {
      return wanted;
    },
    bringUp(origin): void {
      online.push(origin);
      news.resolve(undefined);
    },
  };
}
