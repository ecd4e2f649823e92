"""Sections 4.1 to 4.6, 4.8 and 5.1: what a relay and its clients write."""

import base64
import re
import unicodedata
from typing import Any, Dict, Optional

from .conventions import (
    base64url,
    check_object,
    from_json,
    integer,
    list_of,
    one_of,
    text,
    to_json,
)
from .curves import CURVES
from .errors import Elsewhere, NoRelay, Refused
from .onion import exact_onion_address

USER = "ferry"
LONGEST_LINE = 1_024
LONGEST_REPLY = 64 * 1024
LONGEST_WAIT_MS = 50_000

STATUS_OF = {
    "bad-request": (400,),
    "unauthorized": (401,),
    "not-yours": (403,),
    "no-senders": (403,),
    "not-found": (404,),
    "no-such-channel": (404,),
    "method-not-allowed": (405,),
    "channel-taken": (409,),
    "channel-full": (409,),
    "wrong-curve": (409,),
    "already-written": (409,),
    "stream-used": (409,),
    "attempt-ended": (410,),
    "channel-closed": (410,),
    "too-large": (413, 431),
    "too-many": (429,),
    "internal": (500,),
    "relay-full": (503,),
    "going-away": (503,),
    "no-directory": (503,),
    "no-peer": (504,),
}

ELSEWHERE_STATUS = 421

State = Dict[str, Any]

# Section 4.3.
_uuid = text(36, 36, r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_curve = one_of(*CURVES)
_nonce = base64url(22, 86)
_share = base64url(1, 192)
_hash = base64url(43, 43)
_attempt = integer(1)


def _channel(value: Any) -> None:
    text(1, 128)(value)
    for group in value.split("-"):
        if not group or any(unicodedata.category(character)[0] not in "LN" for character in group):
            raise Refused("not the name of a channel")


def authorization(password: str) -> str:
    """The value of the header (section 4.1)."""
    return "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()


def check_join(value: Any) -> None:
    """Section 4.4: a request of `/join`."""
    check_object(
        value,
        {"role": one_of("sender", "recipient"), "nonce": _nonce},
        {"channel": _channel, "curve": _curve},
    )
    if value["role"] == "recipient" and "channel" not in value:
        raise Refused("a recipient without a channel")


def check_channel(value: Any) -> None:
    """Section 4.5: a request of `/channel`."""
    check_object(
        value,
        {"channel": _channel, "uuid": _uuid},
        {
            "attempt": _attempt,
            "x": _share,
            "y": _share,
            "hh_k": _hash,
            "h_k": _hash,
            "busy": one_of(True, False),
            "close": one_of(True),
            "since": integer(),
            "wait": integer(0, LONGEST_WAIT_MS),
        },
    )
    if len(value.keys() & {"x", "y", "h_k", "close"}) > 1:
        raise Refused("two writes in one request")
    if "busy" in value and value.keys() & {"x", "y"}:
        raise Refused("busy with a share or an answer")
    if ("y" in value) != ("hh_k" in value):
        raise Refused("y and hh_k come together only")
    if value.keys() & {"x", "h_k"} and "attempt" not in value:
        raise Refused("a write without its attempt")


def check_join_reply(value: Any) -> Dict[str, Any]:
    check_object(
        value,
        {"channel": _channel, "uuid": _uuid, "curve": _curve, "state": check_state},
        {"home": exact_onion_address},
    )
    return value


def check_state(value: Any) -> State:
    """Section 4.5: what a participant sees."""
    role = value.get("role") if isinstance(value, dict) else None
    common = {"revision": integer(), "stapled": one_of(True, False)}
    if role == "sender":
        attempts = list_of(_check_attempt, 0, 1_000)
        return check_object(value, {**common, "role": one_of(role), "attempts": attempts})
    if role == "recipient":
        phases = ("waiting", "joined", "answered", "confirmed", "ended")
        phase = value.get("phase")
        required = {**common, "role": one_of(role), "phase": one_of(*phases)}
        if phase in ("joined", "answered", "confirmed"):
            required.update(attempt=_attempt, x=_share)
        if phase == "confirmed":
            required.update(h_k=_hash)
        return check_object(value, required)
    raise Refused("a state without a role")


def _check_attempt(value: Any) -> None:
    phase = value.get("phase") if isinstance(value, dict) else None
    required = {
        "attempt": _attempt,
        "phase": one_of("posted", "joined", "answered", "confirmed"),
    }
    if phase == "answered":
        required.update(y=_share, hh_k=_hash)
    if phase == "confirmed":
        required.update(participant=_uuid)
    check_object(value, required)


def refusal(status: int, body: bytes) -> str:
    """The code of a reply that has not status 200 (section 4.2). May raise Elsewhere."""
    if status == ELSEWHERE_STATUS:
        raise Elsewhere(elsewhere(body))
    if status == 401:
        return "unauthorized"
    code = _error_code(body)
    if status not in STATUS_OF[code]:
        raise NoRelay("a status that does not belong to its error code")
    return code


def hello(channel: str, uuid: str, stream: int, authorization: str) -> bytes:
    """The first line of a stream (section 5.1)."""
    value = {"channel": channel, "uuid": uuid, "stream": stream, "authorization": authorization}
    check_hello(value)
    return to_json(value) + b"\n"


def check_hello(value: Any) -> None:
    check_object(
        value,
        {
            "channel": _channel,
            "uuid": _uuid,
            "stream": integer(0, 4_095),
            "authorization": text(1, LONGEST_LINE),
        },
    )


def refusal_of_answer(line: bytes) -> Optional[str]:
    """None if the stream was joined, or the code of the refusal (section 5.1).

    May raise Elsewhere.
    """
    if re.fullmatch(rb"\s*\{.*\}\s*\n", line) is None:
        raise NoRelay("no answer of a relay")
    try:
        check_object(from_json(line), {"ok": one_of(True)})
        return None
    except Refused:
        pass
    try:
        onion = elsewhere(line)
    except NoRelay:
        return _error_code(line)
    raise Elsewhere(onion)


def elsewhere(body: bytes) -> str:
    """The address of the backend that has the channel (section 4.8)."""
    members = {"code": one_of("elsewhere"), "onion": exact_onion_address}
    try:
        check = {"error": lambda error: check_object(error, members)}
        return check_object(from_json(body), check)["error"]["onion"]
    except Refused as error:
        raise NoRelay("what answers is no relay of onionferry") from error


def _error_code(body: bytes) -> str:
    try:
        check = {"code": one_of(*STATUS_OF)}
        value = check_object(from_json(body), {"error": lambda error: check_object(error, check)})
    except Refused as error:
        raise NoRelay("what answers is no relay of onionferry") from error
    return value["error"]["code"]
