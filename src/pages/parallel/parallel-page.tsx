import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { Button, LinkButton } from '../design/button.js';
import { Progress } from '../design/field.js';
import { Page } from '../design/layout.js';
import { Notice } from '../design/notice.js';
import { useWords } from '../design/use-words.js';
import { PARALLEL_MAX_BYTES } from './limits.js';
import type { ParallelPlan } from './plan.js';

export interface ParallelPageProps {
  /** The name under which it is saved */
  readonly name: string;
  readonly bytes: number;
  /** Where the script asks for its plan */
  readonly planPath: string;
  /** The plan as it is now */
  readonly plan?: ParallelPlan;
  /** Before the other paths of PARALLEL_PATHS */
  readonly base: string;
  readonly plainHref: string;
}

/** Fetches one file or archive over several addresses. The plain download is always beside it. */
export function ParallelPage(props: ParallelPageProps): JSX.Element {
  const { name, bytes, planPath, plan, base, plainHref } = props;
  const { formats, parallel: words } = useWords();
  const isTooLarge = bytes > PARALLEL_MAX_BYTES;
  return (
    <Page title={printable(name)} scripts={isTooLarge ? [] : ['download.js']}>
      <div class="head">
        <div>
          <h1>
            <bdi>{printable(name)}</bdi>
          </h1>
          <p class="lead">{formats.bytes(bytes)}</p>
        </div>
        <LinkButton look="quiet" href={plainHref} download="">
          {words.plain}
        </LinkButton>
      </div>
      {isTooLarge ? (
        <Notice kind="careful" title={words.tooLargeTitle}>
          <p>{words.tooLarge(PARALLEL_MAX_BYTES)}</p>
        </Notice>
      ) : (
        <>
          <noscript>
            <Notice kind="careful" title={words.noScriptTitle}>
              <p>{words.noScript}</p>
            </Notice>
          </noscript>
          <section
            class="sheet inset stack"
            id="app"
            data-plan-path={planPath}
            data-plan={JSON.stringify(plan)}
            data-base={base}
            data-name={name}
            hidden
          >
            <div id="begin" class="stack">
              <p>{words.lead}</p>
              <p>
                <Button id="start" type="button">
                  {words.start}
                </Button>
              </p>
            </div>
            <div id="running" class="stack" hidden>
              <Progress id="progress" label={words.progress} />
              <Button id="cancel" type="button" look="quiet">
                {words.cancel}
              </Button>
            </div>
            <div id="done" class="stack" hidden>
              <h2 id="done-title" tabIndex={-1}>
                {words.done}
              </h2>
              <p>{words.doneLead}</p>
              <p class="hint">
                SHA-256: <code id="sha256" />
              </p>
              <p id="kept" />
            </div>
            <div id="failure" class="stack" tabIndex={-1} hidden>
              <Notice kind="bad" title={words.failed} titleId="failure-title">
                <p id="failure-text" />
              </Notice>
              <Button id="again" type="button" look="quiet">
                {words.again}
              </Button>
            </div>
            <p id="status" class="hint" role="status" aria-live="polite" />
          </section>
        </>
      )}
    </Page>
  );
}
