"""Section 3.1: onion addresses."""

import base64
import hashlib
import re

from .conventions import characters
from .curves import CURVES
from .errors import Refused
from .password import WHITE_SPACE

SUFFIX = ".onion"
VERSION = b"\x03"


def onion_address(public_key: bytes) -> str:
    raw = public_key + _checksum(public_key) + VERSION
    return base64.b32encode(raw).decode().lower() + SUFFIX


def read_onion_address(text: str) -> str:
    """The address in the form that enters derivations, from a text as people paste it."""
    if characters(text) > 256:
        raise Refused("too long for an onion address")
    form = r"(?:https?://)?([a-z2-7]{56})(?:\.onion)?/?"
    match = re.fullmatch(form, text.strip(WHITE_SPACE), re.IGNORECASE | re.ASCII)
    if match is None:
        raise Refused("not an onion address")
    name = match[1].lower()
    raw = base64.b32decode(name.upper())
    public_key, checksum, version = raw[:32], raw[32:34], raw[34:]
    if version != VERSION or checksum != _checksum(public_key):
        raise Refused("an onion address with a mistake")
    CURVES["ed25519"].read_share(public_key)
    return name + SUFFIX


def exact_onion_address(value: object) -> str:
    """Section 4.8: in its exact form, nothing that is only read as one."""
    if not isinstance(value, str) or read_onion_address(value) != value:
        raise Refused("not an onion address in its exact form")
    return value


def _checksum(public_key: bytes) -> bytes:
    return hashlib.sha3_256(b".onion checksum" + public_key + VERSION).digest()[:2]
