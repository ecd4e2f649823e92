import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { OnionferryError } from '../../base/errors.js';

/** Connects, and sends `first` along without waiting for an answer to the dial. */
export type OptimisticDial = (first: Uint8Array, signal: AbortSignal) => Promise<Socket>;

interface Written {
  readonly chunk: Buffer;
}

/**
 * A connection that dials on its first write and sends what was written with the dial: node:http
 * writes a request only into an open connection, which would cost a round trip.
 *
 * It has those parts of a net.Socket that node:http uses, and ends its dial when it is destroyed.
 */
export class OptimisticConnection extends Duplex {
  readonly #dial: OptimisticDial;
  readonly #ending = new AbortController();
  #socket: Socket | undefined;

  constructor(dial: OptimisticDial) {
    // Like a net.Socket, it ends when the other side has ended.
    super({ allowHalfOpen: false });
    this.#dial = dial;
  }

  /** Like a net.Socket's; 'connect' is emitted when it changes. */
  get connecting(): boolean {
    return this.#socket === undefined;
  }

  setKeepAlive(isOn?: boolean, delayMs?: number): this {
    this.#socket?.setKeepAlive(isOn, delayMs);
    return this;
  }

  setTimeout(ms: number, callback?: () => void): this {
    this.#socket?.setTimeout(ms, callback);
    return this;
  }

  ref(): this {
    this.#socket?.ref();
    return this;
  }

  unref(): this {
    this.#socket?.unref();
    return this;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#send(chunk, callback);
  }

  override _writev(chunks: readonly Written[], callback: Callback): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _final(callback: Callback): void {
    if (this.#socket === undefined || this.#socket.destroyed) callback();
    else this.#socket.end(() => callback());
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#ending.abort(new OnionferryError('ERR_INTERRUPTED', 'the connection is closed'));
    this.#socket?.destroy();
    callback(error);
  }

  #send(bytes: Buffer, callback: Callback): void {
    if (this.#socket !== undefined) {
      this.#socket.write(bytes, callback);
      return;
    }
    this.#dial(bytes, this.#ending.signal).then((socket) => {
      if (this.destroyed) socket.destroy();
      else this.#adopt(socket);
      callback();
    }, callback);
  }

  #adopt(socket: Socket): void {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.once('end', () => this.push(null));
    socket.once('error', (error) => this.destroy(error));
    // A socket that has ended closes while its last bytes may still have to be read.
    socket.once('close', () => {
      if (!socket.readableEnded) this.destroy();
    });
    socket.on('timeout', () => this.emit('timeout'));
    this.emit('connect');
  }
}

type Callback = (error?: Error | null) => void;
