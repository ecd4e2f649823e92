"""Sections 8.2 and 8.3: keys and frames of one stream."""

from typing import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .conventions import hkdf
from .errors import StreamDead

TAG_BYTES = 16
LONGEST_PLAINTEXT = 262_153

SENDER_TO_RECIPIENT = "sender-to-recipient"
RECIPIENT_TO_SENDER = "recipient-to-sender"


def stream_key(
    root: bytes, sender_nonce: bytes, recipient_nonce: bytes, direction: str, number: int
) -> bytes:
    info = f"onionferry/1 stream {direction} {number}".encode()
    return hkdf("sha256", root, sender_nonce + recipient_nonce, info, 32)


def frame_nonce(number: int) -> bytes:
    return bytes(4) + number.to_bytes(8, "big")


class FrameWriter:
    """Makes the frames of one direction of one connection."""

    def __init__(self, key: bytes, number: int = 0) -> None:
        self._cipher = AESGCM(key)
        self._number = number

    def seal(self, plaintext: bytes) -> bytes:
        if not 1 <= len(plaintext) <= LONGEST_PLAINTEXT:
            raise ValueError("a plaintext of an impossible length")
        header = (len(plaintext) + TAG_BYTES).to_bytes(4, "big")
        sealed = self._cipher.encrypt(frame_nonce(self._number), plaintext, header)
        self._number += 1
        return header + sealed


class FrameReader:
    """Reads the frames of one direction of one connection."""

    def __init__(self, key: bytes, read_exactly: Callable[[int], bytes], number: int = 0) -> None:
        self._cipher = AESGCM(key)
        self._read_exactly = read_exactly
        self._number = number

    def read(self) -> bytes:
        """The plaintext of the next frame."""
        header = self._read_exactly(4)
        length = int.from_bytes(header, "big")
        if not TAG_BYTES < length <= TAG_BYTES + LONGEST_PLAINTEXT:
            raise StreamDead("a frame of an impossible length: the stream was changed on its way")
        sealed = self._read_exactly(length)
        try:
            plaintext = self._cipher.decrypt(frame_nonce(self._number), sealed, header)
        except InvalidTag as error:
            raise StreamDead("a frame does not open: the stream was changed on its way") from error
        self._number += 1
        return plaintext
