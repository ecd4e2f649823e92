import type { ComponentChildren, JSX } from 'preact';
import { Notice } from '../../pages/design/notice.js';

export interface StartFormProps {
  /** Why it could not be started, above the fields */
  readonly failure: string | undefined;
  readonly onSubmit: () => Promise<void>;
  readonly children: ComponentChildren;
}

/** The form that starts a task of any verb. */
export function StartForm({ failure, onSubmit, children }: StartFormProps): JSX.Element {
  return (
    <form
      id="start"
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      <div id="start-failure" class="form-failure">
        {failure !== undefined && (
          <Notice kind="bad">
            <p>{failure}</p>
          </Notice>
        )}
      </div>
      {children}
    </form>
  );
}
