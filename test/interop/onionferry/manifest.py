"""Section 10: the manifest, and where its files lie in the content."""

import hashlib
import re
import zlib
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from .conventions import (
    LARGEST_INTEGER,
    Check,
    check_object,
    from_json,
    integer,
    list_of,
    one_of,
    text,
    to_base64url,
)
from .errors import HostileName, ProtocolError, Refused
from .messages import CHUNK_BYTES, ManifestPart, Ranges

LARGEST_MANIFEST = 64 * 1024 * 1024
MOST_ENTRIES = 500_000
MOST_NAMES = 5_000_000
MOST_LISTED = 100
MOST_ATTRIBUTES = 100
LONGEST_ATTRIBUTE = 87_384
LATEST_TIME = 8.64e15

Entry = Dict[str, Any]


class Span(NamedTuple):
    """Where a file lies in the content. `end` is None if only the end of the content tells."""

    entry: int
    start: int
    end: Optional[int]


class Manifest(NamedTuple):
    kind: str
    entries: List[Entry]
    digest: str

    @property
    def spans(self) -> List[Span]:
        """Section 10.3: of the files, in their order."""
        spans, position = [], 0
        for index, entry in enumerate(self.entries):
            if entry["type"] == "file":
                end = None if entry["size"] is None else position + entry["size"]
                spans.append(Span(index, position, end))
                position = end or position
        return spans

    @property
    def length(self) -> Optional[int]:
        """The content's length, or None."""
        spans = self.spans
        return spans[-1].end if spans else 0


def digest_of(json: bytes) -> str:
    return to_base64url(hashlib.sha256(json).digest())


def deflate(json: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(json) + compressor.flush()


def inflate(deflated: bytes) -> bytes:
    decompressor = zlib.decompressobj(wbits=-15)
    try:
        json = decompressor.decompress(deflated, LARGEST_MANIFEST + 1)
    except zlib.error as error:
        raise ProtocolError("a manifest that is not deflate") from error
    if len(json) > LARGEST_MANIFEST:
        raise ProtocolError("a manifest that is too large")
    if not decompressor.eof or decompressor.unused_data:
        raise ProtocolError("a manifest that is cut off, or has something behind its end")
    return json


def parts_of(deflated: bytes) -> Iterator[ManifestPart]:
    for start in range(0, len(deflated), CHUNK_BYTES):
        end = start + CHUNK_BYTES
        yield ManifestPart(end >= len(deflated), deflated[start:end])


class ManifestReader:
    """Puts the parts of a manifest together (section 10.2)."""

    def __init__(self) -> None:
        self._deflated = bytearray()

    def take(self, message: ManifestPart) -> Optional[Manifest]:
        """The manifest, if this was its last part."""
        if not message.part or not message.last and len(message.part) != CHUNK_BYTES:
            raise ProtocolError("a manifest part that is short")
        self._deflated += message.part
        if len(self._deflated) > LARGEST_MANIFEST:
            raise ProtocolError("a manifest that is too large")
        return read_manifest(inflate(bytes(self._deflated))) if message.last else None


def read_manifest(json: bytes) -> Manifest:
    """The manifest, with paths that are not checked yet."""
    try:
        parsed = from_json(json)
        members = {
            "kind": one_of("files", "text"),
            "entries": list_of(_check_entry, 0, MOST_ENTRIES),
        }
        for name in ("leftOut", "escaped"):
            if isinstance(parsed, dict) and name in parsed:
                members[name] = _check_listed
        value = check_object(parsed, members)
        manifest = Manifest(value["kind"], value["entries"], digest_of(json))
        if any(entry.get("size", 0) is None for entry in manifest.entries[:-1]):
            raise Refused("an unknown size that is not the last")
        for index, entry in enumerate(manifest.entries):
            if entry["type"] == "hardlink":
                file = entry["file"]
                if file >= index or manifest.entries[file]["type"] != "file":
                    raise Refused("another name of what is no file before it")
        if sum(len(entry["path"]) for entry in manifest.entries) > MOST_NAMES:
            raise Refused("too many names")
        if sum(entry.get("size") or 0 for entry in manifest.entries) > LARGEST_INTEGER:
            raise Refused("too much content")
    except Refused as error:
        raise ProtocolError(f"an impossible manifest: {error}") from error
    return manifest


def _check_time(value: Any) -> None:
    if type(value) not in (int, float) or not -LATEST_TIME <= value <= LATEST_TIME:
        raise Refused("a time beyond the calendar")


def _check_size(value: Any) -> None:
    if value is not None:
        integer()(value)


_PATH = list_of(text(1, 255), 1, 128)
_MODE = integer(0, 511)
_ENTRY_MEMBERS: Dict[str, Dict[str, Check]] = {
    "file": {"path": _PATH, "size": _check_size, "mode": _MODE, "mtime": _check_time},
    "folder": {"path": _PATH, "mode": _MODE, "mtime": _check_time},
    "link": {"path": _PATH, "target": text(1, 4096)},
    "hardlink": {"path": _PATH, "file": integer(0, MOST_ENTRIES)},
}


def _check_attributes(value: Any) -> None:
    if not isinstance(value, dict) or len(value) > MOST_ATTRIBUTES:
        raise Refused("not a list of attributes")
    for name, content in value.items():
        text(1, 255)(name)
        text(0, LONGEST_ATTRIBUTE)(content)
        if not name.startswith("user.") or len(content) % 4 != 0:
            raise Refused("an impossible attribute")
        if not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", content):
            raise Refused("an attribute that is not base64")


def _check_listed(value: Any) -> None:
    check_object(value, {"count": integer(1), "paths": list_of(_PATH, 0, MOST_LISTED)})



def _check_entry(value: Any) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _ENTRY_MEMBERS:
        raise Refused("an entry of an unknown type")
    members = {"type": one_of(kind), **_ENTRY_MEMBERS[kind]}
    if kind in ("file", "folder") and "xattrs" in value:
        members["xattrs"] = _check_attributes
    check_object(value, members)


def check_paths(entries: List[Entry]) -> None:
    """Section 10.1, Paths: what is refused before anything is written."""
    folders: Set[Tuple[str, ...]] = {()}
    seen: Set[Tuple[str, ...]] = set()
    for entry in entries:
        path = tuple(entry["path"])
        if any(name in ("", ".", "..") or "/" in name or "\0" in name for name in path):
            raise HostileName("an unsafe name in the manifest")
        if path[:-1] not in folders:
            raise HostileName("an entry whose folder is not listed before it")
        if path in seen:
            raise HostileName("a path that is listed twice")
        seen.add(path)
        if entry["type"] == "folder":
            folders.add(path)


def may_make_link(path: List[str], target: str) -> bool:
    """Section 10.1: a link stays within its top-level folder, or is not made."""
    if len(path) < 2 or target.startswith("/") or "\\" in target or "\0" in target:
        return False
    names = target.split("/")
    ups = next((index for index, name in enumerate(names) if name != ".."), len(names))
    return ".." not in names[ups:] and ups <= len(path) - 2


def missing(length: int, have: Ranges) -> Ranges:
    """What of the content is not among the ranges that the recipient has."""
    gaps, position = [], 0
    for start, end in [*have, (length, length)]:
        if start > position:
            gaps.append((position, start))
        position = max(position, end)
    return gaps


def pieces(ranges: Ranges) -> Iterator[Tuple[int, int]]:
    """Cuts what is to be sent at multiples of 262,144 (section 10.3)."""
    for start, end in ranges:
        while start < end:
            cut = min(end, (start // CHUNK_BYTES + 1) * CHUNK_BYTES)
            yield start, cut
            start = cut
