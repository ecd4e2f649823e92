/*
 * What the vectors are read against: these parts of src, in the program as they are, and in the page
 * after bundling. The one place that knows where they stand and what they are called.
 */
import { formatAuthorization, parseAuthorization } from '../../src/base/authorization.js';
import { concat } from '../../src/base/bytes.js';
import { parseOnionAddress } from '../../src/onion/address.js';
import { encodeFields, identityOf } from '../../src/pake/context.js';
import { suiteOf } from '../../src/pake/curves/suites.js';
import { formatInvitation, parseInvitation } from '../../src/pake/invitation.js';
import { deriveSessionKeys } from '../../src/pake/key-schedule.js';
import { parsePassword } from '../../src/pake/password.js';
import {
  reconnectChannel,
  resumptionSecret as reconnectSecret,
} from '../../src/pake/resumption.js';
import { spake2Finish, spake2Share } from '../../src/pake/spake2.js';
import { stretchPassword } from '../../src/pake/stretch.js';
import { AnsweredChannel, encodeHello } from '../../src/relay-protocol/answered-channel.js';
import { elsewhereIn } from '../../src/relay-protocol/elsewhere.js';
import {
  errorOf,
  statusOf,
  wireErrorOf,
  wireErrorSchema,
} from '../../src/relay-protocol/refusal.js';
import {
  channelRequestSchema,
  channelStateSchema,
  joinReplySchema,
  joinRequestSchema,
  streamHelloSchema,
  webSocketHelloSchema,
} from '../../src/relay-protocol/wire.js';
import { leadNumber } from '../../src/session/conversation/stream-numbers.js';
import { webAead } from '../../src/stream/aead.js';
import { ChunkPlan } from '../../src/stream/chunk-plan.js';
import { ContentLayout } from '../../src/stream/content-layout.js';
import { webDeflate, webInflate } from '../../src/stream/deflate.js';
import {
  FrameOpener,
  FrameSealer,
  FrameSplitter,
  frameHeader,
  frameNonce,
} from '../../src/stream/frame.js';
import {
  chunkNonce,
  decodeJournal,
  deriveJournalKey,
  encodeJournalRecord,
} from '../../src/stream/journal.js';
import { deriveStreamKey } from '../../src/stream/keys.js';
import { ManifestParts, manifestMessages, readManifest } from '../../src/stream/manifest-parts.js';
import { decodeMessage, encodeMessage } from '../../src/stream/message.js';
import { decodeRanges, encodeRanges, Ranges } from '../../src/stream/ranges.js';

export const code = {
  formatAuthorization,
  parseAuthorization,
  AnsweredChannel,
  encodeHello,
  concat,
  parseOnionAddress,
  encodeFields,
  identityOf,
  suiteOf,
  formatInvitation,
  parseInvitation,
  deriveSessionKeys,
  parsePassword,
  reconnectSecret,
  reconnectChannel,
  spake2Finish,
  spake2Share,
  stretchPassword,
  channelRequestSchema,
  channelStateSchema,
  joinReplySchema,
  joinRequestSchema,
  streamHelloSchema,
  webSocketHelloSchema,
  elsewhereIn,
  errorOf,
  statusOf,
  wireErrorOf,
  wireErrorSchema,
  webAead,
  ContentLayout,
  ChunkPlan,
  webDeflate,
  webInflate,
  frameHeader,
  frameNonce,
  FrameSplitter,
  chunkNonce,
  decodeJournal,
  deriveJournalKey,
  encodeJournalRecord,
  deriveStreamKey,
  ManifestParts,
  manifestMessages,
  readManifest,
  decodeMessage,
  encodeMessage,
  decodeRanges,
  encodeRanges,
  Ranges,
  FrameOpener,
  FrameSealer,
  leadNumber,
};
