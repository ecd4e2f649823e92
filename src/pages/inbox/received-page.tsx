import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { bytesText } from '../../base/quantities.js';
import type { ReceivedFile } from '../../session/receiving/destination.js';
import { LinkButton } from '../design/button.js';
import { Icon } from '../design/icon.js';
import { Page } from '../design/layout.js';
import { wording } from '../wording.js';

/** More than anybody reads; a page of tens of thousands would hold up others while it is made. */
const FILES_SHOWN_MAX = 1000;

export interface ReceivedPageProps {
  readonly files: readonly ReceivedFile[];
}

/** What has arrived, with what its sender can compare it by. */
export function ReceivedPage({ files }: ReceivedPageProps): JSX.Element {
  const { title, lead, caption, name, size, sha256, more, again } = wording.inbox.received;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return (
    <Page title={title}>
      <div class="head">
        <div>
          <h1>{title}</h1>
          <p class="lead">{lead(files.length, bytes)}</p>
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
            {files.slice(0, FILES_SHOWN_MAX).map((file) => (
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
                <td class="size">{bytesText(file.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {files.length > FILES_SHOWN_MAX && (
          <p class="inset hint">{more(files.length - FILES_SHOWN_MAX)}</p>
        )}
      </div>
    </Page>
  );
}
