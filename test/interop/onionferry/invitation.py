"""Sections 3.3 and 3.4: invitations, and what is used for what."""

import base64
import re
import unicodedata
from typing import NamedTuple, Optional
from urllib.parse import quote, unquote_to_bytes

from .conventions import characters
from .curves import CURVES
from .errors import Refused
from .onion import read_onion_address
from .password import WHITE_SPACE, Password, read_password


class Invitation(NamedTuple):
    onion: str
    password: Password
    curve: str = "p256"
    relay_password: Optional[str] = None
    is_large: bool = False
    client_key: Optional[str] = None

    @property
    def access_password(self) -> str:
        """What Basic authentication uses: that of somebody else's relay, or the access words."""
        return self.password.access if self.relay_password is None else self.relay_password

    @property
    def channel(self) -> str:
        return self.password.access


def format_invitation(invitation: Invitation) -> str:
    text = f"http://{invitation.onion}/#{_encode(invitation.password.text)}"
    if invitation.curve != "p256":
        text += f";curve={invitation.curve}"
    if invitation.relay_password is not None:
        text += f";relay={_encode(invitation.relay_password)}"
    if invitation.is_large:
        text += ";size=large"
    if invitation.client_key is not None:
        text += f";key={invitation.client_key}"
    return text


def read_invitation(text: str) -> Invitation:
    if characters(text) > 12_288:
        raise Refused("too long for an invitation")
    address, *fragments = text.strip(WHITE_SPACE).split("#")
    if len(fragments) != 1:
        raise Refused("an invitation has one #")
    password, *parts = fragments[0].split(";")
    values = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if name not in ("curve", "relay", "size", "key") or not equals or name in values:
            raise Refused("an unknown or repeated part of an invitation")
        values[name] = _decode(value)
    curve = values.get("curve", "p256")
    if curve not in CURVES:
        raise Refused("an unknown curve")
    relay_password = values.get("relay")
    if relay_password is not None:
        check_relay_password(relay_password)
    return Invitation(
        onion=read_onion_address(address),
        password=read_password(_decode(password)),
        curve=curve,
        relay_password=relay_password,
        is_large=values.get("size") == "large",
        client_key=_read_client_key(values["key"]) if "key" in values else None,
    )


def _read_client_key(text: str) -> str:
    """Section 3.5: 32 bytes of base32, whose four bits left over are zero."""
    if not re.fullmatch("[A-Za-z2-7]{52}", text):
        raise Refused("a key that is no base32")
    raw = base64.b32decode(text.upper() + "====")
    encoded = base64.b32encode(raw).decode().rstrip("=").lower()
    if encoded != text.lower() or not any(raw):
        raise Refused("an impossible key")
    return encoded


def check_relay_password(text: str) -> None:
    if not 1 <= characters(text) <= 512:
        raise Refused("a relay’s password of an impossible length")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise Refused("a relay’s password with a control character")


def _encode(text: str) -> str:
    # `quote` leaves ~ as it is, unlike section 3.3.
    return quote(text, safe="").replace("~", "%7E")


def _decode(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise Refused("a broken percent-encoding")
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError as error:
        raise Refused("a percent-encoding that is not UTF-8") from error
