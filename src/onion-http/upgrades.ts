import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { parseAuthorization } from '../base/authorization.js';
import type { Access } from './access.js';
import { endWith } from './onion-http-server.js';

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Takes upgrades, such as to WebSocket, from circuits that are not shut out. */
export function onUpgrade(server: Server, access: Access, upgrade: Upgrade): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // 'close' follows, and is what counts.
    socket.on('error', () => undefined);
    access.places.occupy(request.socket);
    if (access.isShut(request)) socket.destroy();
    else upgrade(request, socket, head);
  });
}

/** The same, behind Basic auth; what comes behind the upgrade is up to the one that takes it. */
export function onAuthenticatedUpgrade(server: Server, access: Access, upgrade: Upgrade): void {
  onUpgrade(server, access, (request, socket, head) => {
    const refuse = (status: 401 | 503, headers?: string): void =>
      endWith(socket, status, { type: 'text/plain', text: '' }, headers);
    const judge = async (): Promise<void> => {
      const shown = parseAuthorization(request.headers.authorization ?? '');
      if (shown === undefined) {
        refuse(401, CHALLENGE);
        return;
      }
      const { user, password } = shown;
      const verdict = await access.judge(request, () => access.matches(user, password));
      if (verdict === 'busy') refuse(503);
      else if (verdict === 'wrong') {
        if (await access.delayRefusal(request)) refuse(401, CHALLENGE);
        else socket.destroy();
      } else if (!socket.destroyed) {
        access.passed(request);
        request.socket.setTimeout(0);
        upgrade(request, socket, head);
      }
    };
    judge().catch(() => socket.destroy());
  });
}

const CHALLENGE = 'WWW-Authenticate: Basic realm="onionferry", charset="UTF-8"\r\n';
