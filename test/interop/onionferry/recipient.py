"""Sections 11 and 12, the recipient's side, with one stream."""

import time
from pathlib import Path
from typing import Callable, Optional, Tuple

from .destination import Destination
from .errors import (
    Aborted,
    Failed,
    HostileName,
    ProtocolError,
    StreamDead,
    Unreachable,
)
from .invitation import Invitation
from .manifest import Manifest, ManifestReader, check_paths
from .meeting import Meeting, answer, join_as_recipient
from .messages import Data, Have, ManifestPart, Zeros
from .reconnecting import Search
from .relay_client import RelayClient
from .secure_stream import SecureStream, expect_control
from .session import aborting, lead_stream
from .socks import new_circuit
from .spake2 import RECIPIENT, Context, scalar_of_password

JOIN_SECONDS = 60.0
BETWEEN_ACKS = 0.05
RECEIPT_ACK_SECONDS = 10.0
RETURN_SECONDS = 30 * 60.0
DELIVERY_SECONDS = 60.0


class Recipient:
    """One transfer, from the invitation to the receipt."""

    def __init__(
        self,
        invitation: Invitation,
        socks: Tuple[str, int],
        folder: Path,
        say: Callable[[str], None],
        break_after: Optional[int] = None,
    ) -> None:
        """After `break_after` bytes it ends its stream once, as a circuit that dies would."""
        self._invitation = invitation
        self._socks = socks
        self._folder = folder
        self._say = say
        self._break_after = break_after
        self._generation = 0
        self._manifest: Optional[Manifest] = None
        self._destination: Optional[Destination] = None
        self._received = 0
        self._total: Optional[int] = None
        self._is_committed = False

    @property
    def files(self) -> int:
        return self._destination.files if self._destination else 0

    @property
    def received(self) -> int:
        return self._received

    def run(self) -> None:
        try:
            self._run()
        except BaseException:
            if self._destination is not None and not self._is_committed:
                self._destination.discard()
            raise

    def _run(self) -> None:
        meeting = self._meet_by_password()
        invitation = self._invitation
        search = Search(meeting.keys.resumption, invitation.curve, invitation.onion)
        while True:
            try:
                self._session(meeting)
                meeting.participant.leave()
                return
            except (Aborted, Failed, HostileName, ProtocolError, KeyboardInterrupt):
                meeting.participant.leave()
                raise
            except StreamDead as error:
                # Section 13: looking for the sender is of use only if the session had begun.
                if self._manifest is None and search.generation == 0:
                    raise
                self._say(f"{error}; looking for the sender")
            meeting.participant.client.close()
            try:
                seconds = DELIVERY_SECONDS if self._is_committed else RETURN_SECONDS
                meeting = search.meet(self._new_client, seconds)
            except Unreachable:
                if self._is_committed:
                    return  # Section 11.6: it is done in any case.
                raise
            self._generation = search.generation
            self._say(f"met again, in generation {search.generation}")

    def _new_client(self) -> RelayClient:
        invitation = self._invitation
        circuit = new_circuit(self._socks)
        return RelayClient(circuit, invitation.onion, invitation.access_password)

    def _meet_by_password(self) -> Meeting:
        invitation = self._invitation
        context = Context(invitation.curve, invitation.onion, invitation.channel)
        w = scalar_of_password(invitation.password.secret, context)
        participant = join_as_recipient(self._new_client(), context, JOIN_SECONDS)
        self._say("joined")
        # It asks nobody: content may come right behind the manifest.
        meeting = answer(participant, context, w, agrees=True)
        self._say("met")
        return meeting

    def _session(self, meeting: Meeting) -> None:
        stream, _ = lead_stream(meeting, RECIPIENT, self._begin)
        try:
            with aborting(stream):
                self._receive_content(stream)
                self._deliver_receipt(stream)
        finally:
            stream.close()

    def _begin(self, stream: SecureStream) -> None:
        """Sections 11.2 and 11.3: to `accept`."""
        if self._manifest is None:
            if self._generation > 0:
                stream.send({"type": "manifest-request"})
            self._accept(self._read_manifest(stream))
        elif self._received > 0:
            stream.send(Have([(0, self._received)]))
        stream.send({"type": "accept", "manifest": self._manifest.digest})

    def _read_manifest(self, stream: SecureStream) -> Manifest:
        reader, manifest = ManifestReader(), None
        while manifest is None:
            message = stream.receive()
            if isinstance(message, ManifestPart):
                manifest = reader.take(message)
            else:
                expect_control(message, "stream-limit")
        return manifest

    def _accept(self, manifest: Manifest) -> None:
        if manifest.kind == "text":
            raise Failed("refused", "this recipient takes files only")
        check_paths(manifest.entries)
        self._destination = Destination(self._folder, manifest)
        self._manifest = manifest
        self._total = manifest.length
        self._say(f"offered: {len(manifest.entries)} entries, {self._total} bytes")

    def _receive_content(self, stream: SecureStream) -> None:
        """Section 11.4. Over one stream, content comes in ascending order."""
        frames, acknowledged, next_ack_at = 0, 0, 0.0
        while self._total is None or self._received < self._total:
            if frames > acknowledged and not stream.has_more(next_ack_at - time.monotonic()):
                stream.send({"type": "ack", "frames": frames})
                acknowledged, next_ack_at = frames, time.monotonic() + BETWEEN_ACKS
            message = stream.receive()
            if isinstance(message, Zeros):
                message = Data(message.position, bytes(message.length))
            if isinstance(message, Data):
                self._write(message)
                frames += 1
            elif expect_control(message, "stream-limit", "content-end")["type"] == "content-end":
                self._set_total(message["total"])
        self._say(f"received: {self._received} bytes in {frames} frames")

    def _write(self, data: Data) -> None:
        if data.position != self._received:
            raise ProtocolError("content that is not what comes next")
        if self._total is not None and data.position + len(data.content) > self._total:
            raise ProtocolError("content behind its end")
        self._destination.write(data.position, data.content)
        self._received += len(data.content)
        if self._break_after is not None and self._received >= self._break_after:
            self._break_after = None
            raise StreamDead(f"broken off after {self._received} bytes")

    def _set_total(self, total: int) -> None:
        if self._manifest.length is not None or self._total not in (None, total):
            raise ProtocolError("another length")
        if total < self._received:
            raise ProtocolError("a length below what has come")
        self._total = total

    def _deliver_receipt(self, stream: SecureStream) -> None:
        """Section 11.6."""
        if not self._is_committed:
            self._destination.commit()
            self._is_committed = True
        stream.send({"type": "receipt", "bytes": self._received, "files": self.files})
        deadline = time.monotonic() + RECEIPT_ACK_SECONDS
        while stream.has_more(deadline - time.monotonic()):
            message = stream.receive()
            if not isinstance(message, (Data, Zeros)):
                names = ("receipt-ack", "stream-limit", "content-end")
                if expect_control(message, *names)["type"] == "receipt-ack":
                    self._say("the sender has the receipt")
                    return

