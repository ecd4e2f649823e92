import type { ReadableStream } from 'node:stream/web';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';

/** Behind the names of files that are encrypted, as `age` itself puts it. */
export const ENCRYPTED_ENDING = '.age';

/** Encrypts the content of one file, piece by piece while it arrives. */
export type Encrypt = (content: AsyncIterable<Bytes>) => AsyncIterable<Bytes>;

/**
 * Encryption by age (https://age-encryption.org/v1) to those who hold the identities of `recipients`;
 * this machine cannot read what it has encrypted.
 *
 * @param recipients `age1…`, as `age-keygen` prints them
 * @throws OnionferryError ERR_USAGE if one is none
 */
export async function encryptionTo(recipients: readonly string[]): Promise<Encrypt> {
  // Few inboxes need it.
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      // What it says repeats what was given, which may be a secret key by mistake.
      throw new OnionferryError(
        'ERR_USAGE',
        'an age recipient is "age1…", as age-keygen prints it',
      );
    }
  }
  return async function* (content) {
    // Each file has a key of its own. Node's streams are those of the library by another declaration.
    const stream = (await encrypter.encrypt(streamOf(content) as never)) as unknown;
    yield* stream as ReadableStream<Bytes>;
  };
}

/** As a web stream, which takes a piece when it is asked for one. */
function streamOf(content: AsyncIterable<Bytes>): globalThis.ReadableStream<Bytes> {
  const pieces = content[Symbol.asyncIterator]();
  return new globalThis.ReadableStream<Bytes>(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
