"""Section 11, the sender's side, with one stream over somebody else's relay (section 17)."""

import os
import queue
import stat
import threading
from collections import deque
from pathlib import Path
from typing import BinaryIO, Callable, Deque, Iterator, List, Optional, Tuple, Union

from .conventions import to_json
from .errors import Aborted, Failed, ProtocolError, StreamDead
from .invitation import Invitation
from .manifest import Entry, Manifest, deflate, missing, parts_of, pieces, read_manifest
from .meeting import SenderMeeting
from .messages import CHUNK_BYTES, Data, Have, Message
from .relay_client import RelayClient
from .secure_stream import SecureStream, expect_control
from .session import aborting, lead_stream
from .socks import new_circuit
from .spake2 import SENDER, Context, scalar_of_password

WINDOW_BYTES = 1024 * 1024


class Source:
    """One file or folder, and the manifest that describes it."""

    def __init__(self, path: Path) -> None:
        self._parent = path.absolute().parent
        entries = list(self._walk(path.absolute()))
        self.json = to_json({"kind": "files", "entries": entries})
        self.manifest: Manifest = read_manifest(self.json)
        self._spans = [span for span in self.manifest.spans if span.end != span.start]
        self._file: Optional[BinaryIO] = None
        self._index = -1

    def read(self, start: int, end: int) -> bytes:
        """Content, which may belong to several files."""
        content = b""
        for index, span in enumerate(self._spans):
            if span.start < end and start < span.end:
                first, last = max(start, span.start), min(end, span.end)
                content += self._read_file(index, first - span.start, last - first)
        return content

    def _walk(self, path: Path) -> Iterator[Entry]:
        status = path.lstat()
        entry = {"path": list(path.relative_to(self._parent).parts)}
        if stat.S_ISLNK(status.st_mode):
            yield {"type": "link", **entry, "target": os.readlink(path)}
            return
        entry.update(mode=stat.S_IMODE(status.st_mode) & 0o777, mtime=status.st_mtime_ns // 1_000 / 1_000)
        if stat.S_ISDIR(status.st_mode):
            yield {"type": "folder", **entry}
            for child in sorted(path.iterdir()):
                yield from self._walk(child)
        elif stat.S_ISREG(status.st_mode):
            yield {"type": "file", **entry, "size": status.st_size}

    def _read_file(self, index: int, offset: int, length: int) -> bytes:
        span = self._spans[index]
        path = self._parent.joinpath(*self.manifest.entries[span.entry]["path"])
        try:
            if self._file is None or self._index != index:
                self.close()
                self._file, self._index = open(path, "rb"), index
            self._file.seek(offset)
            content = self._file.read(length)
        except OSError as error:
            raise Failed("source-unreadable", f"cannot read {path}") from error
        if len(content) != length:
            raise Failed("source-changed", f"{path} has changed")
        return content

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Sender:
    """One transfer, from the open channel to the receipt."""

    def __init__(
        self,
        source: Source,
        invitation: Invitation,
        socks: Tuple[str, int],
        say: Callable[[str], None],
    ) -> None:
        self._source = source
        self._length = source.manifest.length or 0
        self._wanted = self._length
        self._say = say
        context = Context(invitation.curve, invitation.onion, invitation.channel)
        client = RelayClient(new_circuit(socks), invitation.onion, invitation.access_password)
        w = scalar_of_password(invitation.password.secret, context)
        self._waiting = SenderMeeting(client, context, w)

    def run(self) -> None:
        """Waits for one recipient that has the password, and serves it."""
        meeting = self._waiting.meet()
        self._say("met")
        # It serves one recipient: whoever else waits is told so.
        self._waiting.leave()
        try:
            stream, have = lead_stream(meeting, SENDER, self._begin)
            try:
                with aborting(stream):
                    self._send_content(stream, have)
            finally:
                stream.close()
        finally:
            meeting.participant.leave()

    def _begin(self, stream: SecureStream) -> Have:
        """Section 11.2: to `accept`. What the recipient has already is nothing, as a rule."""
        stream.send({"type": "stream-limit", "streams": 1})
        for part in parts_of(deflate(self._source.json)):
            stream.send(part)
        have = Have([])
        while True:
            message = stream.receive()
            if isinstance(message, Have):
                if message.ranges and message.ranges[-1][1] > self._length:
                    raise ProtocolError("ranges behind the content’s end")
                have = message
                continue
            accept = expect_control(message, "accept")
            if accept["manifest"] != self._source.manifest.digest:
                raise ProtocolError("another manifest was accepted")
            self._wanted = accept.get("wanted", self._length)
            if self._wanted > self._length:
                raise ProtocolError("more wanted than there is")
            self._say("accepted")
            return have

    def _send_content(self, stream: SecureStream, have: Have) -> None:
        """Sections 11.4 and 11.6: to the receipt."""
        inbox: "queue.Queue[Union[Message, Exception]]" = queue.Queue()
        threading.Thread(target=_read_all, args=(stream, inbox), daemon=True).start()
        to_send: Deque[Tuple[int, int]] = deque(pieces(missing(self._length, have.ranges)))
        unacknowledged: Deque[int] = deque()
        frames = 0
        while True:
            has_room = sum(unacknowledged) + CHUNK_BYTES <= WINDOW_BYTES
            if to_send and has_room and inbox.empty():
                start, end = to_send.popleft()
                stream.send(Data(start, self._source.read(start, end)))
                unacknowledged.append(end - start)
                frames += 1
                continue
            message = inbox.get()
            if isinstance(message, Exception):
                raise message
            control = expect_control(message, "ack", "resend", "open-streams", "receipt")
            if control["type"] == "ack":
                known = frames - len(unacknowledged)
                if not known <= control["frames"] <= frames:
                    raise ProtocolError("an impossible acknowledgement")
                for _ in range(control["frames"] - known):
                    unacknowledged.popleft()
            elif control["type"] == "resend":
                to_send.extend(pieces(self._checked(control["ranges"])))
            elif control["type"] == "receipt":
                if control["bytes"] != self._wanted:
                    raise ProtocolError("a receipt for something else")
                self._say(f"receipt for {control['files']} files")
                stream.end_with({"type": "receipt-ack"})
                return

    def _checked(self, ranges: "List[List[int]]") -> "List[Tuple[int, int]]":
        for start, end in ranges:
            ends_well = end == self._length or end % CHUNK_BYTES == 0 and end < self._length
            if start % CHUNK_BYTES != 0 or not ends_well:
                raise ProtocolError("a resend of something that is no chunk")
        return [(start, end) for start, end in ranges]


def _read_all(
    stream: SecureStream, inbox: "queue.Queue[Union[Message, Exception]]"
) -> None:
    try:
        while True:
            inbox.put(stream.receive())
    except (Aborted, ProtocolError, StreamDead) as error:
        inbox.put(error)
