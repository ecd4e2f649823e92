export { demo, type DemoSummary } from './api/demo.js';
export { type Check, doctor } from './api/doctor.js';
export type {
  CheckEvent,
  DoneEvent,
  EventName,
  FerryEvent,
  FileEvent,
  InstallEvent,
  OfferEvent,
  OnlineEvent,
  PeerEvent,
  ProgressEvent,
  ResumingEvent,
  TextEvent,
  TorEvent,
  TransferSummary,
  WaitingEvent,
  WarningEvent,
} from './api/events.js';
export type { Handle } from './api/handle.js';
export {
  exportIdentity,
  type IdentityInfo,
  importIdentity,
  listIdentities,
  newIdentity,
  showIdentity,
} from './api/identities.js';
export { inbox } from './api/inbox.js';
export { type InstalledTor, installTor } from './api/install-tor.js';
export {
  type InboxBounds,
  withAccept,
  withCircuits,
  withConflict,
  withCurve,
  withDataDir,
  withDownloadLimit,
  withEphemeral,
  withExpiry,
  withIdentity,
  withInboxBounds,
  withKeep,
  withKinds,
  withLogger,
  withOutput,
  withOutputStream,
  withPassword,
  withPolicy,
  withRelay,
  withSignal,
  withTor,
  withUser,
} from './api/options.js';
export { receive } from './api/receive.js';
export { isInterrupted, resumeReceive } from './api/resume-receive.js';
export { resumeSend } from './api/resume-send.js';
export { relay } from './api/relay.js';
export { send, type SendInput } from './api/send.js';
export { share } from './api/share.js';
export { site } from './api/site.js';
export { defaultDataDir, type Option, type TorSettings } from './api/settings.js';
export { type ErrorCode, type ErrorKind, OnionferryError } from './base/errors.js';
export type { Logger } from './base/logger.js';
export type { Kinds } from './web/inbox/kinds.js';
