import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { LinkButton } from '../design/button.js';
import { Icon } from '../design/icon.js';
import { Page } from '../design/layout.js';
import { useWords } from '../design/use-words.js';
import { type Step, Trail } from '../listing/listing-page.js';

/** No script, also if one stood in what is shown; `sandbox` says so once more. */
export const PREVIEW_POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox allow-same-origin allow-downloads";

export interface PreviewPageProps {
  readonly name: string;
  readonly bytes: number;
  /** From the start page to the folder it is in */
  readonly steps: readonly Step[];
  readonly downloadHref: string;
  readonly text: string;
}

/** A text in the browser, without a script. */
export function PreviewPage(props: PreviewPageProps): JSX.Element {
  const wording = useWords();
  const { bytes, steps, downloadHref, text } = props;
  const name = printable(props.name);
  return (
    <Page title={name}>
      <Trail steps={steps} here={name} />
      <div class="head">
        <div>
          <h1>
            <bdi>{name}</bdi>
          </h1>
          <p class="lead">{wording.formats.bytes(bytes)}</p>
        </div>
        <LinkButton href={downloadHref} download="">
          <Icon name="download" />
          {wording.share.only}
        </LinkButton>
      </div>
      <pre class="sheet inset shown-text" dir="auto">
        {text}
      </pre>
    </Page>
  );
}
