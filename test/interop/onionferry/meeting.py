"""Section 7: the two find each other at the relay and agree on keys."""

import hmac
import math
import random
import time
from typing import Dict, NamedTuple, Optional, Tuple

from .conventions import from_base64url, to_base64url
from .curves import CURVES
from .errors import Refused, RelayError, Unreachable, WrongPassword
from .relay_client import Participant, RelayClient, fresh_nonce
from .relay_wire import LONGEST_WAIT_MS
from .spake2 import RECIPIENT, SENDER, Context, Keys, agree, make_share, random_scalar

POSTED_ATTEMPTS = 3
SENDER_MAY_COME = (
    "no-such-channel",
    "attempt-ended",
    "channel-closed",
    "too-many",
    "relay-full",
    "going-away",
    "no-directory",
)


class Meeting(NamedTuple):
    participant: Participant
    keys: Keys


def join_as_recipient(client: RelayClient, context: Context, seconds: float) -> Participant:
    """Steps 1 and 2 of section 7.2: a participant that has been given an attempt.

    It tries again for so many seconds, as the sender may be about to come.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            participant = client.join(RECIPIENT, context.channel, context.curve)
            _wait_for_attempt(participant)
            return participant
        except RelayError as error:
            if error.code not in SENDER_MAY_COME or time.monotonic() > deadline:
                raise
            time.sleep(1.0)


def join_once(client: RelayClient, context: Context, seconds: float) -> Participant:
    """The same in one try, which may take so long (section 12.4)."""
    participant = client.join(RECIPIENT, context.channel, context.curve)
    _wait_for_attempt(participant, seconds)
    return participant


def _wait_for_attempt(participant: Participant, seconds: float = math.inf) -> None:
    deadline = time.monotonic() + seconds
    while participant.state["phase"] == "waiting":
        participant.write(wait_ms=_wait_ms(participant, deadline))


def _wait_ms(participant: Participant, deadline: float) -> int:
    left = deadline - time.monotonic()
    if left <= 0:
        participant.leave()
        raise Unreachable("the sender does not answer")
    return math.ceil(min(LONGEST_WAIT_MS, left * 1_000))


def answer(
    participant: Participant,
    context: Context,
    w: int,
    seconds: float = math.inf,
    agrees: bool = False,
) -> Meeting:
    """From step 4 on. This is the one guess that the attempt gives."""
    deadline = time.monotonic() + seconds
    attempt = participant.state["attempt"]
    curve = CURVES[context.curve]
    scalar = random_scalar(curve)
    own_share = make_share(curve, RECIPIENT, w, scalar)
    try:
        peer_share = from_base64url(participant.state["x"])
        keys = agree(context, RECIPIENT, w, scalar, own_share, peer_share)
    except Refused as error:
        participant.leave()
        raise WrongPassword from error
    shown, expected = (keys.hh_a, keys.h_a) if agrees else (keys.hh_k, keys.h_k)
    members = {"y": to_base64url(own_share), "hh_k": to_base64url(shown)}
    try:
        while participant.state["phase"] != "confirmed":
            wait_ms = _wait_ms(participant, deadline)
            participant.write(wait_ms=wait_ms, attempt=attempt, **members)
            members = {}
    except RelayError as error:
        if error.code == "attempt-ended":
            raise WrongPassword from error
        raise
    if not hmac.compare_digest(from_base64url(participant.state["h_k"]), expected):
        participant.leave()
        raise WrongPassword
    return Meeting(participant, keys)


class GuessLimit:
    """Section 7.5: five answers at once, then one every ten seconds, as for any chosen password. A right one is free."""

    MOST = 5
    SECONDS = 10.0

    def __init__(self) -> None:
        self._left = float(self.MOST)
        self._at = time.monotonic()

    def seconds_until_free(self) -> float:
        now = time.monotonic()
        self._left = min(self.MOST, self._left + (now - self._at) / self.SECONDS)
        self._at = now
        return max(0.0, (1.0 - self._left) * self.SECONDS)

    def count_wrong_guess(self) -> None:
        self._left -= 1.0


class SenderMeeting:
    """Section 7.3, for one recipient: others are turned away while that is served."""

    def __init__(self, client: RelayClient, context: Context, w: int) -> None:
        self._context = context
        self._curve = CURVES[context.curve]
        self._w = w
        self._limit = GuessLimit()
        self._scalars: Dict[int, Tuple[int, bytes]] = {}
        self._last_attempt = 0
        self.participant = client.join(SENDER, context.channel, context.curve, fresh_nonce())

    def meet(self) -> Meeting:
        while True:
            attempts = self.participant.state["attempts"]
            posted = sum(attempt["phase"] == "posted" for attempt in attempts)
            if posted < POSTED_ATTEMPTS and self._post_attempt():
                continue
            wait_seconds = LONGEST_WAIT_MS / 1_000
            answered = [attempt for attempt in attempts if attempt["phase"] == "answered"]
            if answered:
                wait_seconds = min(wait_seconds, self._limit.seconds_until_free())
                if wait_seconds <= 0.0:
                    meeting = self._judge(random.choice(answered))
                    if meeting is not None:
                        return meeting
                    continue
            self.participant.write(wait_ms=max(1, round(wait_seconds * 1_000)))

    def _post_attempt(self) -> bool:
        """False if there are enough."""
        self._last_attempt += 1
        scalar = random_scalar(self._curve)
        share = make_share(self._curve, SENDER, self._w, scalar)
        self._scalars[self._last_attempt] = (scalar, share)
        try:
            self.participant.write(attempt=self._last_attempt, x=to_base64url(share))
        except RelayError as error:
            if error.code == "attempt-ended":
                return True
            if error.code == "too-many":
                return False
            raise
        return True

    def leave(self) -> None:
        """Ends the channel. The pair is another participant's to end."""
        self.participant.leave(busy=True)

    def _judge(self, attempt: "Dict[str, object]") -> Optional[Meeting]:
        """The two as a pair, if this recipient has the password. Its scalar is not used again."""
        number = int(str(attempt["attempt"]))
        scalar, own_share = self._scalars.pop(number)
        try:
            peer_share = from_base64url(str(attempt["y"]))
            keys = agree(self._context, SENDER, self._w, scalar, own_share, peer_share)
            shown = from_base64url(str(attempt["hh_k"]))
            # One that agrees beforehand is treated like any other: it says `accept` all the same.
            agrees = hmac.compare_digest(shown, keys.hh_a)
            is_right = hmac.compare_digest(shown, keys.hh_k) or agrees
        except Refused:
            is_right = False
        try:
            if is_right:
                proof = to_base64url(keys.h_a if agrees else keys.h_k)
                self.participant.write(attempt=number, h_k=proof, busy=True)
                return Meeting(self.participant.of_pair(number), keys)
            self._limit.count_wrong_guess()
            self.participant.write(attempt=number, close=True)
        except RelayError as error:
            # The recipient has left meanwhile.
            if error.code != "attempt-ended":
                raise
            self.participant.write()
        return None
