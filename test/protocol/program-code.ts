/* What the program alone has, because it needs Node. */
export { formatAuthorization, parseAuthorization } from '../../src/relay/authorization.js';
export { remoteStream, helloLine } from '../../src/relay/client/remote-stream.js';
export { isContainedLink, localPaths } from '../../src/transfer/destination/local-path.js';
export { decodeManifest } from '../../src/transfer/encoded-manifest.js';
export { nodeAead } from '../../src/transfer/node-aead.js';
export { nodeDeflate, nodeInflate } from '../../src/transfer/node-deflate.js';
export { chunkMac } from '../../src/transfer/record/chunk-mac.js';
export { recipientReunion as searchSender } from '../../src/transfer/meeting/recipient-reunion.js';
