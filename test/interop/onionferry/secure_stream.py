"""Sections 8.1 and 8.4: a stream of encrypted messages, from its nonces to its last message."""

import secrets
import select
import threading
import time

from . import messages
from .errors import Aborted, ProtocolError, StreamDead
from .frames import (
    RECIPIENT_TO_SENDER,
    SENDER_TO_RECIPIENT,
    FrameReader,
    FrameWriter,
    stream_key,
)
from .messages import Message
from .relay_client import Participant
from .spake2 import SENDER

NONCE_BYTES = 32
ESTABLISHED_SECONDS = 30.0
SILENCE_SECONDS = 30.0
KEEPALIVE_SECONDS = 5.0
PATIENCE_AFTER = {"receipt-ack": 2.0, "away": 5.0, "abort": 5.0}
KEEPALIVE = {"type": "keepalive"}


class SecureStream:
    """One thread may receive while others send."""

    def __init__(self, participant: Participant, role: str, number: int, root: bytes) -> None:
        deadline = time.monotonic() + ESTABLISHED_SECONDS
        own_nonce = secrets.token_bytes(NONCE_BYTES)
        self._socket, self._received = participant.open_stream(number, own_nonce, deadline)
        self._is_over = threading.Event()
        try:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            peer_nonce = self._read_exactly(NONCE_BYTES)
            self._socket.settimeout(SILENCE_SECONDS)
        except BaseException:
            self._socket.close()
            raise
        nonces = (own_nonce, peer_nonce) if role == SENDER else (peer_nonce, own_nonce)
        to_recipient = stream_key(root, *nonces, SENDER_TO_RECIPIENT, number)
        to_sender = stream_key(root, *nonces, RECIPIENT_TO_SENDER, number)
        outgoing, incoming = (
            (to_recipient, to_sender) if role == SENDER else (to_sender, to_recipient)
        )
        self._writer = FrameWriter(outgoing)
        self._reader = FrameReader(incoming, self._read_exactly)
        self._sending = threading.Lock()
        threading.Thread(target=self._keep_alive, daemon=True).start()

    def send(self, message: Message) -> None:
        with self._sending:
            if self._is_over.is_set():
                raise StreamDead("the stream has ended")
            self._send_all(self._writer.seal(messages.encode(message)))

    def receive(self) -> Message:
        """The next message, but for those that only keep the stream alive."""
        while True:
            message = messages.decode(self._reader.read())
            if message == KEEPALIVE:
                continue
            if isinstance(message, dict) and message["type"] == "abort":
                raise Aborted(message["reason"])
            if isinstance(message, dict) and message["type"] == "away":
                raise StreamDead(f"the other side is away: {message['reason']}")
            return message

    def has_more(self, within: float) -> bool:
        """Whether anything comes so soon, or has come."""
        if self._received:
            return True
        readable, _, _ = select.select([self._socket], [], [], max(0.0, within))
        return bool(readable)

    def end_with(self, message: messages.Control) -> None:
        """Sends a last message, reads and drops until the peer closes, and closes."""
        try:
            with self._sending:
                self._is_over.set()
                self._send_all(self._writer.seal(messages.encode(message)))
            deadline = time.monotonic() + PATIENCE_AFTER[message["type"]]
            while (left := deadline - time.monotonic()) > 0:
                self._socket.settimeout(left)
                if not self._socket.recv(65_536):
                    break
        except (OSError, StreamDead):
            pass  # The peer has closed, or is gone.
        finally:
            self.close()

    def close(self) -> None:
        self._is_over.set()
        self._socket.close()

    def _keep_alive(self) -> None:
        while not self._is_over.wait(KEEPALIVE_SECONDS):
            try:
                self.send(KEEPALIVE)
            except StreamDead:
                return

    def _send_all(self, raw: bytes) -> None:
        """Unlike `sendall`, this gives up only if nothing at all goes out for a while."""
        rest = memoryview(raw)
        try:
            while rest:
                rest = rest[self._socket.send(rest) :]
        except OSError as error:
            raise StreamDead("the stream has broken") from error

    def _read_exactly(self, length: int) -> bytes:
        while len(self._received) < length:
            try:
                more = self._socket.recv(max(65_536, length - len(self._received)))
            except OSError as error:
                raise StreamDead("the stream has broken, or was silent for too long") from error
            if not more:
                raise StreamDead("the stream has ended")
            self._received += more
        taken, self._received = self._received[:length], self._received[length:]
        return taken


def expect_control(message: Message, *names: str) -> messages.Control:
    """A control message with one of these names; anything else may not be sent now."""
    if not isinstance(message, dict) or message["type"] not in names:
        raise ProtocolError("a message that may not be sent now")
    return message
