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
    if (access.isShut(request)) socket.destroy();
    else upgrade(request, socket, head);
  });
}

/** The same, behind Basic auth; what comes behind the upgrade is up to the one that takes it. */
export function onAuthenticatedUpgrade(server: Server, access: Access, upgrade: Upgrade): void {
  onUpgrade(server, access, (request, socket, head) => {
    const shown = parseAuthorization(request.headers.authorization ?? '');
    if (shown !== undefined && access.matches(shown.user, shown.password)) {
      access.passed(request);
      request.socket.setTimeout(0);
      upgrade(request, socket, head);
      return;
    }
    const refusal = shown === undefined ? Promise.resolve(true) : access.delayRefusal(request);
    void refusal.then((answer) => {
      const challenge = 'WWW-Authenticate: Basic realm="onionferry", charset="UTF-8"\r\n';
      if (answer) endWith(socket, 401, { type: 'text/plain', text: '' }, challenge);
      else socket.destroy();
    });
  });
}
