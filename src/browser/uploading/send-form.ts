export interface Answer {
  readonly status: number;
  /** The page that a browser would show */
  readonly page: Document;
}

export interface Sending {
  /** Bytes of the whole form that the browser has sent */
  readonly onProgress: (sent: number, total: number) => void;
  /** Everything was sent; the response is outstanding. */
  readonly onSent: () => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a form as the browser would, with progress, which XMLHttpRequest reports and fetch does not.
 *
 * @returns undefined if the connection broke or the signal aborted
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
