/** Events of a WebSocket. */
export interface SocketEvents {
  readonly onOpen: () => void;
  readonly onMessage: (data: unknown) => void;
  /** Once, for whatever reason, also if it never opened. */
  readonly onClose: () => void;
}

/** A WebSocket: the browser's own in the page, another in tests. */
export interface PageSocket {
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** What was sent before still leaves. */
  close(): void;
}

/** Messages come as ArrayBuffers. */
export type OpenSocket = (url: string, events: SocketEvents) => PageSocket;
