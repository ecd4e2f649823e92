"""Section 2: how values become bytes, and back."""

import base64
import hashlib
import hmac
import json
import re
from typing import Any, Callable, Dict, Union

from .errors import Refused

PROTOCOL = "onionferry/1"
LARGEST_INTEGER = 2**53 - 1

Field = Union[str, bytes]
Check = Callable[[Any], object]


def fields(*values: Field) -> bytes:
    """F(field, …) of section 2.1."""
    encoded = b""
    for value in values:
        raw = value.encode() if isinstance(value, str) else value
        encoded += len(raw).to_bytes(8, "little") + raw
    return encoded


def hkdf_extract(hash_name: str, salt: bytes, ikm: bytes) -> bytes:
    """RFC 5869, section 2.2."""
    return hmac.digest(salt or bytes(hashlib.new(hash_name).digest_size), ikm, hash_name)


def hkdf_expand(hash_name: str, prk: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, section 2.3."""
    output, block, counter = b"", b"", 0
    while len(output) < length:
        counter += 1
        block = hmac.digest(prk, block + info + bytes([counter]), hash_name)
        output += block
    return output[:length]


def hkdf(hash_name: str, ikm: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return hkdf_expand(hash_name, hkdf_extract(hash_name, salt, ikm), info, length)


def characters(text: str) -> int:
    """The length of a text as the document counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def to_base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise Refused("not base64url")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Refused("not base64url") from error
    if to_base64url(raw) != text:
        raise Refused("base64url that is not canonical")
    return raw


def to_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def from_json(raw: bytes) -> Any:
    try:
        return json.loads(
            raw.decode(), parse_constant=_no_constant, object_pairs_hook=_no_member_twice
        )
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error


def _no_constant(name: str) -> None:
    raise Refused(f"{name} is not JSON")


def _no_member_twice(pairs: "list[tuple[str, Any]]") -> Dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Refused("a member that occurs twice")
    return members


def check_object(
    value: Any, required: Dict[str, Check], optional: "Dict[str, Check] | None" = None
) -> Dict[str, Any]:
    """Refuses all but an object with exactly these members, each of which passes its check."""
    optional = optional or {}
    if not isinstance(value, dict):
        raise Refused("not an object")
    if not required.keys() <= value.keys() <= required.keys() | optional.keys():
        raise Refused("members that are missing or unknown")
    for name, member in value.items():
        {**optional, **required}[name](member)
    return value


def integer(lowest: int = 0, highest: int = LARGEST_INTEGER) -> Check:
    def check(value: Any) -> None:
        # bool is a kind of int in Python.
        if type(value) is not int or not lowest <= value <= highest:
            raise Refused(f"not an integer from {lowest} to {highest}")

    return check


def text(lowest: int, highest: int, pattern: str = r"(?s).*") -> Check:
    """A text of so many characters that matches a pattern."""

    def check(value: Any) -> None:
        if not isinstance(value, str) or not lowest <= characters(value) <= highest:
            raise Refused(f"not a text of {lowest} to {highest} characters")
        if not re.fullmatch(pattern, value):
            raise Refused("a text of another form")

    return check


def base64url(lowest: int, highest: int) -> Check:
    """base64url of so many characters."""
    is_text = text(lowest, highest)

    def check(value: Any) -> None:
        is_text(value)
        from_base64url(value)

    return check


def one_of(*choices: object) -> Check:
    def check(value: Any) -> None:
        # `type`, so that true is not taken for 1.
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise Refused(f"none of {choices}")

    return check


def list_of(check_item: Check, lowest: int, highest: int) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, list) or not lowest <= len(value) <= highest:
            raise Refused(f"not a list of {lowest} to {highest}")
        for item in value:
            check_item(item)

    return check
