import type { JSX } from 'preact';
import { Notice } from '../../pages/design/notice.js';

/** Why a form could not be started, above its fields. */
export function FormFailure({ sentence }: { readonly sentence: string | undefined }): JSX.Element {
  return (
    <div id="start-failure" class="form-failure">
      {sentence !== undefined && (
        <Notice kind="bad">
          <p>{sentence}</p>
        </Notice>
      )}
    </div>
  );
}
