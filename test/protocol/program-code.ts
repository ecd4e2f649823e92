/* What the program alone has, because it needs Node. */
import { decodeManifest } from '../../src/session/conversation/encoded-manifest.js';
import { recipientReconnect as searchSender } from '../../src/session/reconnecting/recipient-reconnect.js';
import { isContainedLink, localPaths } from '../../src/transfer/destination/local-path.js';
import { nodeAead, nodePrimitives } from '../../src/transfer/node-primitives.js';
import { chunkMac } from '../../src/transfer/record/journal-file.js';

export const program = {
  isContainedLink,
  localPaths,
  decodeManifest,
  nodeAead,
  nodePrimitives,
  chunkMac,
  searchSender,
};
