"""Sections 11.1 and 13: what both sides of a session do."""

import time
from contextlib import contextmanager
from typing import Callable, Iterator, TypeVar

from .errors import Failed, HostileName, ProtocolError, StreamDead
from .meeting import Meeting
from .secure_stream import SecureStream

LEAD_NUMBERS = (0, *range(2_049, 4_096))
LEAD_SECONDS = 60.0
MORE_PAUSE = 0.25
LONGEST_PAUSE = 2.0

Begun = TypeVar("Begun")


def lead_stream(
    meeting: Meeting, role: str, begin: Callable[[SecureStream], Begun]
) -> "tuple[SecureStream, Begun]":
    """The stream on which the session has begun, and what beginning it has brought.

    A stream that breaks before is replaced by the one with the next lead number.
    """
    cause = StreamDead("no stream")
    for number in _numbers():
        try:
            stream = SecureStream(meeting.participant, role, number, meeting.keys.stream)
        except StreamDead as error:
            cause = error
            continue
        try:
            with aborting(stream):
                return stream, begin(stream)
        except StreamDead as error:
            stream.close()
            cause = error
    raise cause


def _numbers() -> Iterator[int]:
    began = time.monotonic()
    pause = 0.0
    for number in LEAD_NUMBERS:
        opened = time.monotonic()
        yield number
        failed = time.monotonic()
        if failed - opened > LEAD_SECONDS:
            began = failed
        elif failed - began > LEAD_SECONDS:
            return
        time.sleep(pause)
        pause = min(pause + MORE_PAUSE, LONGEST_PAUSE)


@contextmanager
def aborting(stream: SecureStream) -> Iterator[None]:
    """Tells the peer why this side ends the transfer, if it does."""
    try:
        yield
    except (Failed, HostileName, ProtocolError, KeyboardInterrupt) as error:
        stream.end_with({"type": "abort", "reason": _reason_of(error)})
        raise


def _reason_of(error: BaseException) -> str:
    if isinstance(error, Failed):
        return error.reason
    if isinstance(error, HostileName):
        return "hostile-name"
    return "protocol" if isinstance(error, ProtocolError) else "cancelled"
