/* What the program alone has, because it needs Node. */
import { formatAuthorization, parseAuthorization } from '../../src/relay/authorization.js';
import { remoteStream, helloLine } from '../../src/relay/client/remote-stream.js';
import { isContainedLink, localPaths } from '../../src/transfer/destination/local-path.js';
import { decodeManifest } from '../../src/transfer/encoded-manifest.js';
import { nodeAead } from '../../src/transfer/node-aead.js';
import { nodeDeflate, nodeInflate } from '../../src/transfer/node-deflate.js';
import { chunkMac } from '../../src/transfer/record/chunk-mac.js';
import { recipientReunion as searchSender } from '../../src/transfer/meeting/recipient-reunion.js';

export const program = {
  formatAuthorization,
  parseAuthorization,
  remoteStream,
  helloLine,
  isContainedLink,
  localPaths,
  decodeManifest,
  nodeAead,
  nodeDeflate,
  nodeInflate,
  chunkMac,
  searchSender,
};
