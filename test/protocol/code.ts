/*
 * What the vectors are read against: these parts of src, in the program as they are, and in the page
 * after bundling. The one place that knows where they stand and what they are called.
 */
export { concat } from '../../src/base/bytes.js';
export { parseOnionAddress } from '../../src/onion/address.js';
export { encodeFields, identityOf } from '../../src/pake/context.js';
export { suiteOf } from '../../src/pake/curves/suites.js';
export { formatInvitation, parseInvitation } from '../../src/pake/invitation.js';
export { deriveSessionKeys } from '../../src/pake/key-schedule.js';
export { parsePassword } from '../../src/pake/password.js';
export {
  resumptionSecret as reconnectSecret,
  reunionChannel as reconnectChannel,
} from '../../src/pake/resumption.js';
export { spake2Finish, spake2Share } from '../../src/pake/spake2.js';
export { stretchPassword } from '../../src/pake/stretch.js';
export {
  channelRequestSchema,
  channelStateSchema,
  joinReplySchema,
  joinRequestSchema,
  streamHelloSchema,
  webSocketHelloSchema,
} from '../../src/relay/protocol.js';
export { errorOf, statusOf, wireErrorOf, wireErrorSchema } from '../../src/relay/refusal.js';
export { webAead } from '../../src/stream/aead.js';
export { ContentLayout } from '../../src/stream/content-layout.js';
export { ChunkPlan } from '../../src/stream/chunk-plan.js';
export { webDeflate, webInflate } from '../../src/stream/deflate.js';
export { frameHeader, frameNonce, FrameSplitter } from '../../src/stream/frame.js';
export {
  chunkNonce,
  decodeJournal,
  deriveJournalKey,
  encodeJournalRecord,
} from '../../src/stream/journal.js';
export { deriveStreamKey } from '../../src/stream/keys.js';
export { parseManifest } from '../../src/stream/manifest.js';
export { ManifestParts, manifestMessages, readManifest } from '../../src/stream/manifest-parts.js';
export { decodeMessage, encodeMessage } from '../../src/stream/message.js';
export { decodeRanges, encodeRanges, Ranges } from '../../src/stream/ranges.js';
export { FrameOpener, FrameSealer } from '../../src/stream/seal.js';
export { leadNumber } from '../../src/transfer/stream-numbers.js';
