import type { TorEndpoint } from '../../../src/tor/control/endpoint.js';
import type { DelayedLink } from '../links/carry-link.js';
import type { SideProgram } from '../processes/side.js';

export interface PipeSenderOptions {
  readonly file: string;
  readonly bytes: number;
  /** The unix socket to listen on. */
  readonly socket: string;
}

export interface PipeRecipientOptions {
  readonly socket: string;
  readonly file: string;
  readonly bytes: number;
  /** Whether the file is synced to disk before it counts as received. */
  readonly sync: boolean;
}

export interface HostSenderOptions {
  readonly file: string;
  readonly bytes: number;
  /** For the relay's sockets. */
  readonly directory: string;
  /** Names the meeting; no Tor is asked for it. */
  readonly onion: string;
  readonly password: string;
}

export interface GuestRecipientOptions {
  /** Of the relay's sockets. */
  readonly relay: string;
  /** Where the file goes. */
  readonly directory: string;
  readonly bytes: number;
  readonly onion: string;
  readonly password: string;
}

export interface HttpServerOptions {
  readonly file: string;
  readonly bytes: number;
  /** The unix socket to listen on; tor writes its circuit's line in front of each connection. */
  readonly socket: string;
}

export interface HttpClientOptions {
  /** Where tor's SOCKS port is. */
  readonly socks: TorEndpoint;
  readonly onion: string;
  /** Circuits of its own for each value. */
  readonly isolation: string;
  /** On that server. */
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
  /** With more than one, each fetches an equal part of the file. */
  readonly circuits: number;
  /** Instead, each fetches pieces of this size from one queue until none is left. */
  readonly pieceBytes?: number | undefined;
}

export interface LinkCarrierOptions {
  readonly links: readonly DelayedLink[];
}

/** A tor that runs already. */
export interface RunningTor {
  readonly control: string;
  readonly socks: string;
}

export interface FerrySenderOptions {
  /** A file or a folder. */
  readonly path: string;
  readonly bytes: number;
  readonly tor: RunningTor;
  /** For onionferry itself; the tor has its own. */
  readonly dataDir: string;
  /** It decides by itself unless told. */
  readonly circuits?: number | undefined;
  /** Another's relay to meet at, as an address and a password. */
  readonly relay?: { readonly onion: string; readonly password: string } | undefined;
}

export interface FerryRelayOptions {
  readonly tor: RunningTor;
  readonly dataDir: string;
}

export interface FerryRecipientOptions {
  readonly invitation: string;
  readonly tor: RunningTor;
  readonly dataDir: string;
  readonly directory: string;
  readonly bytes: number;
  /** It decides by itself unless told. */
  readonly circuits?: number | undefined;
  /** Whether what is written is synced to disk, as it is for everybody else. */
  readonly sync: boolean;
}

export interface PageServerOptions {
  /** A file or a folder. */
  readonly path: string;
  /** For its socket. */
  readonly directory: string;
  /** Whether it only streams the file, with nothing of onionferry. */
  readonly isBare: boolean;
  /** Whether a tor is in front of it, which reports circuits; default not. */
  readonly circuitLine?: boolean;
}

export interface PageShareOptions {
  readonly path: string;
  readonly tor: RunningTor;
  readonly dataDir: string;
}

export interface PageClientOptions {
  readonly socket: string;
  /** On that server. */
  readonly path: string;
  readonly bytes: number;
}

export const PIPE_SENDER: SideProgram<PipeSenderOptions> = {
  source: new URL('./pipe-sender.ts', import.meta.url),
};

export const PIPE_RECIPIENT: SideProgram<PipeRecipientOptions> = {
  source: new URL('./pipe-recipient.ts', import.meta.url),
};

export const HOST_SENDER: SideProgram<HostSenderOptions> = {
  source: new URL('./host-sender.ts', import.meta.url),
};

export const GUEST_RECIPIENT: SideProgram<GuestRecipientOptions> = {
  source: new URL('./guest-recipient.ts', import.meta.url),
};

export const HTTP_SERVER: SideProgram<HttpServerOptions> = {
  source: new URL('./http-server.ts', import.meta.url),
};

export const HTTP_CLIENT: SideProgram<HttpClientOptions> = {
  source: new URL('./http-client.ts', import.meta.url),
};

export const FERRY_SENDER: SideProgram<FerrySenderOptions> = {
  source: new URL('./ferry-sender.ts', import.meta.url),
};

export const FERRY_RECIPIENT: SideProgram<FerryRecipientOptions> = {
  source: new URL('./ferry-recipient.ts', import.meta.url),
};

export const LINK_CARRIER: SideProgram<LinkCarrierOptions> = {
  source: new URL('./link-carrier.ts', import.meta.url),
};

export const FERRY_RELAY: SideProgram<FerryRelayOptions> = {
  source: new URL('./ferry-relay.ts', import.meta.url),
};

export const PAGE_SERVER: SideProgram<PageServerOptions> = {
  source: new URL('./page-server.ts', import.meta.url),
};

export const PAGE_CLIENT: SideProgram<PageClientOptions> = {
  source: new URL('./page-client.ts', import.meta.url),
};

export const PAGE_SHARE: SideProgram<PageShareOptions> = {
  source: new URL('./page-share.ts', import.meta.url),
};

export interface PageInboxOptions {
  /** The folder for uploads */
  readonly into: string;
  readonly tor: RunningTor;
  readonly dataDir: string;
}

export const PAGE_INBOX: SideProgram<PageInboxOptions> = {
  source: new URL('./page-inbox.ts', import.meta.url),
};
