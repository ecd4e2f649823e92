import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { LinkButton } from '../design/button.js';
import { Icon } from '../design/icon.js';
import { Page } from '../design/layout.js';
import { useWords } from '../design/use-words.js';
import type { Receipt } from './receipts.js';

export interface ReceivedPageProps {
  readonly receipt: Receipt;
}

/** Lists what has arrived, with checksums for the sender to compare. */
export function ReceivedPage({ receipt }: ReceivedPageProps): JSX.Element {
  const { formats, inbox } = useWords();
  const {
    title,
    lead,
    caption,
    name,
    size,
    sha256,
    more,
    again,
    receipt: receiptText,
  } = inbox.received;
  const { listed, files, bytes } = receipt;
  return (
    <Page title={title}>
      <div class="head">
        <div>
          <h1>{title}</h1>
          <p class="lead">{lead(files, bytes)}</p>
          <p class="hint">{receiptText(receipt.id)}</p>
        </div>
        <LinkButton href="/" look="quiet">
          {again}
        </LinkButton>
      </div>
      <div class="sheet">
        <table class="files">
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">
                {name}, {sha256}
              </th>
              <th scope="col" class="size">
                {size}
              </th>
            </tr>
          </thead>
          <tbody>
            {listed.map((file) => (
              <tr key={file.path}>
                <th scope="row">
                  <span class="entry">
                    <Icon name="file" />
                    <span class="entry-name">
                      <bdi>{printable(file.path)}</bdi>
                      <code class="digest">{file.sha256}</code>
                    </span>
                  </span>
                </th>
                <td class="size">{formats.bytes(file.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {files > listed.length && <p class="inset hint">{more(files - listed.length)}</p>}
      </div>
    </Page>
  );
}
