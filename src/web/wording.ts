import { bytesText, countText } from '../base/quantities.js';

/*
 * All that the pages say, in English. Sentences with a full stop; a section for each feature.
 */

export const wording = {
  language: 'en',
  brand: { name: 'onionferry' },
  layout: {
    skip: 'Skip to the content',
    trail: 'Folders',
    footer: "Straight from one person's computer to you, over Tor.",
  },
  /** By the kind of refusal */
  errors: {
    'bad-request': {
      title: 'That did not work',
      sentence: 'Your browser asked for something in a way that is not understood here.',
    },
    'wrong-password': {
      title: 'User name and password, please',
      sentence:
        'Whoever gave you this address also has a user name and a password for it. Reload the page to type them again.',
    },
    'not-found': {
      title: 'Not here',
      sentence: 'There is nothing under this address. It may have been moved or taken away.',
    },
    'method-not-allowed': {
      title: 'That did not work',
      sentence: 'This page cannot be used in that way.',
    },
    expired: {
      title: 'The time is over',
      sentence: 'This was offered for a limited time. Ask whoever gave you the address for more.',
    },
    'limit-reached': {
      title: 'Taken as often as allowed',
      sentence:
        'This was offered for a limited number of downloads. Ask whoever gave you the address for another.',
    },
    'sender-gone': {
      title: 'The sender has gone',
      sentence: 'The sender does not offer this any more. Ask them to start again.',
    },
    'too-large': {
      title: 'Too large',
      sentence: 'That is more than is taken here, and nothing of it was kept.',
    },
    'kind-refused': {
      title: 'Not this kind of file',
      sentence: 'Files of this kind are not taken here, and nothing of it was kept.',
    },
    range: {
      title: 'Nothing left to fetch',
      sentence: 'The part that was asked for lies beyond the end of the file.',
    },
    internal: {
      title: 'Something went wrong',
      sentence: 'It was not your fault. Try again, or tell whoever gave you the address.',
    },
    'relay-gone': {
      title: 'The sender cannot be reached',
      sentence: 'The connection to the sender is lost. Try again in a minute.',
    },
    busy: {
      title: 'Busy at the moment',
      sentence: 'Too much is going on here at once. Try again in a minute.',
    },
    full: {
      title: 'No room left',
      sentence: 'There is no room for more here, and nothing of it was kept.',
    },
  },
  errorBack: 'Go to the first page',
  files: {
    name: 'Name',
    size: 'Size',
    modified: 'Changed (UTC)',
    folder: 'Folder',
    count: (count: number, bytes: number): string =>
      `${countText(count, 'file')}, ${bytesText(bytes)}`,
  },
  share: {},
  inbox: {},
  site: {},
  relay: {},
} as const;
