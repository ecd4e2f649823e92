import type { Target } from './target.js';
import { DISK_TARGETS } from './targets/disk.js';
import { HTTP_TARGETS } from './targets/http.js';
import { INVITATION_TARGETS } from './targets/invitation.js';
import { RELAY_TARGETS } from './targets/relay.js';
import { STREAM_TARGETS } from './targets/stream.js';
import { TOR_TARGETS } from './targets/tor.js';

/** Every parser of bytes that somebody else chooses. */
export const TARGETS: readonly Target[] = [
  ...STREAM_TARGETS,
  ...INVITATION_TARGETS,
  ...RELAY_TARGETS,
  ...TOR_TARGETS,
  ...HTTP_TARGETS,
  ...DISK_TARGETS,
];
