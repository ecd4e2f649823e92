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
