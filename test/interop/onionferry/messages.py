"""Section 9: the messages in the frames."""

from typing import Any, Dict, List, NamedTuple, Tuple, Union

from .conventions import (
    LARGEST_INTEGER,
    base64url,
    check_object,
    from_json,
    integer,
    list_of,
    one_of,
    to_json,
)
from .errors import ProtocolError, Refused

CHUNK_BYTES = 262_144
LONGEST_CONTROL = 4_096
MOST_RANGES = 16_384

Ranges = List[Tuple[int, int]]
"""Positions from the first number to just before the second, ascending."""

Control = Dict[str, Any]


class ManifestPart(NamedTuple):
    last: bool
    part: bytes


class Data(NamedTuple):
    position: int
    content: bytes


class Zeros(NamedTuple):
    position: int
    length: int


class Have(NamedTuple):
    ranges: Ranges


Message = Union[Control, ManifestPart, Data, Zeros, Have]

REASONS = (
    "cancelled",
    "refused",
    "source-changed",
    "source-unreadable",
    "destination-full",
    "destination-failed",
    "hostile-name",
    "protocol",
    "internal",
    "tampered",
    "too-large",
    "taken",
    "undecided",
    "unverified",
)

ABSENCES = ("suspended", "disk-full", "disk-failed")


def _check_range(value: Any) -> None:
    list_of(integer(), 2, 2)(value)
    if value[0] >= value[1]:
        raise Refused("an empty range")


_CONTROL_MEMBERS = {
    "manifest-request": {},
    "accept": {"manifest": base64url(43, 43)},
    "open-streams": {"streams": list_of(integer(), 1, 64)},
    "ack": {"frames": integer()},
    "resend": {"ranges": list_of(_check_range, 1, 64)},
    "stream-limit": {"streams": integer(1, 64)},
    "content-end": {"total": integer()},
    "receipt": {"bytes": integer(), "files": integer()},
    "receipt-ack": {},
    "keepalive": {},
    "away": {"reason": one_of(*ABSENCES)},
    "abort": {"reason": one_of(*REASONS)},
}


def encode(message: Message) -> bytes:
    if isinstance(message, ManifestPart):
        return bytes([1, message.last]) + message.part
    if isinstance(message, Data):
        return b"\x02" + message.position.to_bytes(8, "big") + message.content
    if isinstance(message, Zeros):
        return b"\x04" + message.position.to_bytes(8, "big") + message.length.to_bytes(4, "big")
    if isinstance(message, Have):
        return b"\x03" + encode_ranges(message.ranges)
    return b"\x00" + to_json(message)


def decode(plaintext: bytes) -> Message:
    try:
        return _decode(plaintext)
    except Refused as error:
        raise ProtocolError(f"a malformed message: {error}") from error


def _decode(plaintext: bytes) -> Message:
    kind, body = plaintext[:1], plaintext[1:]
    if kind == b"\x00":
        return _decode_control(body)
    if kind == b"\x01":
        if body[:1] not in (b"\x00", b"\x01"):
            raise Refused("a manifest part without its flag")
        if len(body) - 1 > CHUNK_BYTES:
            raise Refused("a manifest part that is too long")
        return ManifestPart(body[0] == 1, body[1:])
    if kind == b"\x02":
        position, content = int.from_bytes(body[:8], "big"), body[8:]
        if not 1 <= len(content) <= CHUNK_BYTES or position > LARGEST_INTEGER:
            raise Refused("impossible data")
        return Data(position, content)
    if kind == b"\x04":
        position, length = int.from_bytes(body[:8], "big"), int.from_bytes(body[8:], "big")
        if len(body) != 12 or not 1 <= length <= CHUNK_BYTES or position > LARGEST_INTEGER:
            raise Refused("impossible zeros")
        return Zeros(position, length)
    if kind == b"\x03":
        return Have(decode_ranges(body))
    raise Refused("a message of an unknown type")


def _decode_control(body: bytes) -> Control:
    if len(body) > LONGEST_CONTROL:
        raise Refused("a control message that is too long")
    value = from_json(body)
    name = value.get("type") if isinstance(value, dict) else None
    if not isinstance(name, str) or name not in _CONTROL_MEMBERS:
        raise Refused("an unknown control message")
    members = {"type": one_of(name), **_CONTROL_MEMBERS[name]}
    if name == "accept" and "wanted" in value:
        members["wanted"] = integer()
    return check_object(value, members)


def encode_ranges(ranges: Ranges) -> bytes:
    return b"".join(
        start.to_bytes(8, "big") + end.to_bytes(8, "big") for start, end in ranges
    )


def decode_ranges(body: bytes) -> Ranges:
    """Section 9.2. Ranges that touch become one."""
    if len(body) % 16 != 0 or len(body) // 16 > MOST_RANGES:
        raise Refused("not a list of ranges")
    ranges: Ranges = []
    for offset in range(0, len(body), 16):
        start = int.from_bytes(body[offset : offset + 8], "big")
        end = int.from_bytes(body[offset + 8 : offset + 16], "big")
        if start >= end or end > LARGEST_INTEGER:
            raise Refused("an impossible range")
        before = ranges[-1][1] if ranges else -1
        if start < before:
            raise Refused("ranges that do not ascend")
        if start == before:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return ranges


def longest_ranges(ranges: Ranges, most: int) -> Ranges:
    """What a side sends that has more ranges than fit (section 9.2)."""
    longest = sorted(ranges, key=lambda span: span[1] - span[0], reverse=True)[:most]
    return sorted(longest)
