import type { OpenSocket } from '../channel/page-socket.js';

/** By the browser's own WebSocket. */
export const openSocket: OpenSocket = (url, { onOpen, onMessage, onClose }) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', onOpen);
  socket.addEventListener('message', ({ data }) => onMessage(data));
  socket.addEventListener('close', onClose);
  return socket;
};
