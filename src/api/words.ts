/** What the command line asks of the list of words, which is loaded only for that. */
export {
  isListed,
  type UnlistedWord,
  unlistedWords,
  wordsBeginningWith,
} from '../pake/spelling.js';
