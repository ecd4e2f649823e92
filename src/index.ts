export type * from './api/events.js';
export { type Handle, suspended } from './api/handle.js';
export {
  type Accept,
  defaultDataDir,
  type InboxBounds,
  type Option,
  type SharedTor,
  type TorSettings,
  withAccept,
  withAnotherPassword,
  withBrowserLink,
  withCircuits,
  withConflict,
  withCurve,
  withDataDir,
  withDownloadLimit,
  withEphemeral,
  withExclude,
  withExpiry,
  withGitIgnore,
  withGrowing,
  withIdentity,
  withInboxBounds,
  withKeep,
  withKinds,
  withLogger,
  withMiddleware,
  withOnly,
  withOutput,
  withOutputName,
  withOutputStream,
  withPassword,
  withPolicy,
  withRelay,
  withSignal,
  withSkipUnreadable,
  withStallLimit,
  withThrottle,
  withTor,
  withUser,
  withXattrs,
} from './api/options.js';
export { openSharedTor as openTor } from './api/shared-tor.js';
export { type DemoSummary, demo } from './api/verbs/demo.js';
export { type Check, doctor } from './api/verbs/doctor.js';
export * from './api/verbs/identities.js';
export { inbox } from './api/verbs/inbox.js';
export { type InstalledTor, installTor } from './api/verbs/install-tor.js';
export { isInterrupted, receive, resumeReceive } from './api/verbs/receive.js';
export { relay } from './api/verbs/relay.js';
export { resumeSend } from './api/verbs/resume-send.js';
export { type SendInput, send } from './api/verbs/send.js';
export { serve } from './api/verbs/serve.js';
export { share } from './api/verbs/share.js';
export { site } from './api/verbs/site.js';
export { type ErrorCode, type ErrorKind, OnionferryError } from './base/errors.js';
export type { Logger } from './base/logger.js';
export { type Connected, circuitOf } from './onion-http/circuits.js';
export type { Middleware, Servable } from './onion-http/handlers.js';
export type { Kinds } from './pages/inbox/kinds.js';
