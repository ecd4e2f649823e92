export interface Answer {
  readonly status: number;
  /** The page that a browser would show by itself. */
  readonly page: Document;
}

export interface Sending {
  /** Of the form as a whole: what the browser has handed on. */
  readonly onProgress: (sent: number, total: number) => void;
  /** All was handed on; the answer is yet to come. */
  readonly onSent: () => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a form as the browser would by itself, and tells how far it is: XMLHttpRequest does, and
 * fetch does not.
 *
 * @returns undefined if the connection broke, or the signal aborted
 */
export function sendForm(
  url: string,
  form: FormData,
  { onProgress, onSent, signal }: Sending,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    signal.addEventListener('abort', abort);
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded, total));
    request.upload.addEventListener('load', onSent);
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', abort);
      const page = request.status === 0 ? null : request.responseXML;
      resolve(page === null ? undefined : { status: request.status, page });
    });
    request.open('POST', url);
    request.responseType = 'document';
    request.send(form);
  });
}
