export {
  withExclude,
  withGitIgnore,
  withGrowing,
  withSkipUnreadable,
  withXattrs,
} from './api/content-options.js';
export type * from './api/events.js';
export {
  type ErrorListener,
  type Handle,
  type ListenerOf,
  type OnlineHandle,
  suspended,
} from './api/handle.js';
export {
  type UploadCheckSettings,
  withEncryption,
  withoutNames,
  withPurgeAfter,
  withUploadCheck,
} from './api/inbox-options.js';
export {
  defaultDataDir,
  withBrowserLink,
  withCircuits,
  withClientKey,
  withCurve,
  withDataDir,
  withEphemeral,
  withExpiry,
  withIdentity,
  withKeep,
  withLogger,
  withPassword,
  withPrivate,
  withRelay,
  withSignal,
  withSingleAddress,
  withStallLimit,
  withThrottle,
  withTor,
  withVerify,
  withWeakPassword,
} from './api/options.js';
export {
  withDownloadLimit,
  withDrain,
  withInboxBounds,
  withKinds,
  withMiddleware,
  withPolicy,
  withUser,
} from './api/page-options.js';
export {
  withAccept,
  withAnotherPassword,
  withConflict,
  withOnly,
  withOutput,
  withOutputName,
  withOutputStream,
} from './api/receive-options.js';
export { type Backends, withBackends } from './api/relay-options.js';
export {
  type Accept,
  type AnotherPassword,
  type AnyOption,
  type InboxBounds,
  type Option,
  type PageVerb,
  type ReceivingVerb,
  type RunningVerb,
  type ServiceVerb,
  type SharedTor,
  type TorSettings,
  type TorVerb,
  type TransferVerb,
  type Verb,
  type Verify,
} from './api/settings.js';
export { openSharedTor as openTor } from './api/shared-tor.js';
export * from './api/verbs/clients.js';
export { createFerry, type Ferry } from './api/verbs/create-ferry.js';
export { type DemoSummary, demo } from './api/verbs/demo.js';
export { type Check, doctor } from './api/verbs/doctor.js';
export * from './api/verbs/identities.js';
export { inbox } from './api/verbs/inbox.js';
export { type InstalledTor, installTor } from './api/verbs/install-tor.js';
export { isInterrupted, receive, resumeReceive } from './api/verbs/receive.js';
export { type RelayHandle, relay } from './api/verbs/relay.js';
export { resumeSend } from './api/verbs/resume-send.js';
export { type ByteStream, type SendInput, send } from './api/verbs/send.js';
export { serve } from './api/verbs/serve.js';
export { share } from './api/verbs/share.js';
export { site } from './api/verbs/site.js';
export { type Course, type ErrorCode, type ErrorKind, OnionferryError } from './base/errors.js';
export type { Logger } from './base/logger.js';
export type { Conflict } from './disk/commit.js';
export type { ListedIdentity } from './identities/identities.js';
export { type Connected, circuitOf } from './onion-http/circuits.js';
export type { Middleware, Servable } from './onion-http/middleware.js';
export type { Kinds } from './pages/inbox/kinds.js';
export type { RelayCounts } from './relay/server/relay-counts.js';
