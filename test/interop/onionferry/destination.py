"""What a recipient does with the manifest's entries. Nothing of this is on the wire."""

import bisect
import errno
import os
import tempfile
from pathlib import Path
from typing import BinaryIO, List, Optional

from .errors import Failed
from .manifest import Entry, Manifest, may_make_link


class Destination:
    """A hidden folder that gets the final names at the end, all at once."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Paths must have been checked. Creates folders, and files without content."""
        self._folder = folder
        self._entries = manifest.entries
        self._spans = manifest.spans
        self._ends = [float("inf") if span.end is None else span.end for span in self._spans]
        self._open_span: Optional[int] = None
        self._file: Optional[BinaryIO] = None
        self.links_left_out: List[str] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for entry in self._entries:
                if len(entry["path"]) == 1 and os.path.lexists(folder / entry["path"][0]):
                    raise Failed("destination-failed", f"{entry['path'][0]!r} exists already")
            self._hidden = Path(tempfile.mkdtemp(prefix=".onionferry-", dir=folder))
            for entry in self._entries:
                if entry["type"] == "folder":
                    self._path(entry).mkdir()
                elif entry["type"] == "file":
                    self._path(entry).touch(exist_ok=False)
        except (OSError, UnicodeError) as error:
            raise _failure(error) from error

    @property
    def files(self) -> int:
        others = [entry for entry in self._entries if entry["type"] == "hardlink"]
        return len(self._spans) + len(others)

    def write(self, position: int, content: bytes) -> None:
        """Content at its position, which may belong to several files (section 10.3)."""
        try:
            # Empty files end where they begin: the first file that ends later is meant.
            index = bisect.bisect_right(self._ends, position)
            while content:
                file = self._open(index)
                taken = content[: int(min(len(content), self._ends[index] - position))]
                file.seek(position - self._spans[index].start)
                file.write(taken)
                content, position, index = content[len(taken) :], position + len(taken), index + 1
        except OSError as error:
            raise _failure(error) from error

    def commit(self) -> None:
        """Everything on disk and under its final name; only then may a receipt be sent."""
        try:
            self._close_file()
            for entry in self._entries:
                if entry["type"] == "hardlink":
                    os.link(self._path(self._entries[entry["file"]]), self._path(entry))
            for entry in self._entries:
                if entry["type"] == "link":
                    self._make_link(entry)
            for entry in reversed(self._entries):
                if entry["type"] not in ("link", "hardlink"):
                    _set_times(self._path(entry), entry)
            for entry in self._entries:
                if len(entry["path"]) == 1 and entry["type"] != "link":
                    name = entry["path"][0]
                    os.rename(self._hidden / name, self._folder / name)
            self._hidden.rmdir()
            # Only now, as these may be modes that allow no more writing.
            for entry in reversed(self._entries):
                if entry["type"] not in ("link", "hardlink"):
                    final = self._folder.joinpath(*entry["path"])
                    _sync(final)
                    final.chmod(entry["mode"])
            _sync(self._folder)
        except OSError as error:
            raise _failure(error) from error

    def discard(self) -> None:
        self._close_file()
        for root, folders, files in os.walk(self._hidden, topdown=False):
            for name in files:
                os.unlink(os.path.join(root, name))
            for name in folders:
                path = os.path.join(root, name)
                os.unlink(path) if os.path.islink(path) else os.rmdir(path)
        self._hidden.rmdir()

    def _path(self, entry: Entry) -> Path:
        return self._hidden.joinpath(*entry["path"])

    def _open(self, index: int) -> BinaryIO:
        if self._file is None or self._open_span != index:
            self._close_file()
            self._file = open(self._path(self._entries[self._spans[index].entry]), "r+b")
            self._open_span = index
        return self._file

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _make_link(self, entry: Entry) -> None:
        if may_make_link(entry["path"], entry["target"]):
            self._path(entry).symlink_to(entry["target"])
        else:
            self.links_left_out.append("/".join(entry["path"]))


def _set_times(path: Path, entry: Entry) -> None:
    nanoseconds = round(entry["mtime"] * 1_000) * 1_000
    os.utime(path, ns=(nanoseconds, nanoseconds))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failure(error: Exception) -> Failed:
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "destination-full" if is_full else "destination-failed"
    return Failed(reason, f"cannot write: {error}")
