"""Section 12: the two find each other again without the password."""

import time
from typing import Callable, List

from .conventions import PROTOCOL, fields, hkdf, to_base64url
from .curves import CURVES
from .errors import RelayError, Unreachable, WrongPassword
from .meeting import Meeting, answer, join_once
from .relay_client import RelayClient
from .spake2 import Context

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 5.0
AFTER_UNAUTHORIZED = 10.0
TRY_SECONDS = 60.0
ANSWER_SECONDS = 20.0


def channel_of(resumption: bytes, generation: int) -> str:
    return _derive(resumption, 16, "reconnect channel", str(generation)).hex()


def nonce_of(resumption: bytes, generation: int) -> str:
    """What the sender joins that channel with."""
    return to_base64url(_derive(resumption, 16, "reconnect nonce", str(generation)))


def scalar_of_resumption(resumption: bytes, context: Context) -> int:
    """w of section 12.2, in place of the stretched words."""
    curve = CURVES[context.curve]
    wide = _derive(resumption, curve.wide_bytes, "reconnect secret", *context)
    return int.from_bytes(wide, "big") % curve.order


def search_order(generation: int, answered: int) -> List[int]:
    """Where a recipient looks (section 12.4)."""
    a, g = answered, generation
    order = (a + 1, a + 2, a, a + 3, g + 1, g + 2, g, g + 3)
    return list(dict.fromkeys(tried for tried in order if tried >= 1))


def _derive(resumption: bytes, length: int, *info: str) -> bytes:
    return hkdf("sha256", resumption, b"", fields(PROTOCOL, *info), length)


class Search:
    """A recipient that looks for its sender. `resumption` is that of generation 0."""

    def __init__(self, resumption: bytes, curve: str, onion: str) -> None:
        self._resumption = resumption
        self._curve = curve
        self._onion = onion
        self.generation = 0
        self._answered = 0

    def meet(self, new_client: Callable[[], RelayClient], seconds: float) -> Meeting:
        """The next meeting. Each try has a circuit of its own."""
        deadline = time.monotonic() + seconds
        pause = FIRST_PAUSE
        while True:
            for generation in search_order(self.generation, self._answered):
                client = new_client()
                try:
                    meeting = self._try(client, generation)
                    self.generation = generation
                    return meeting
                except (RelayError, WrongPassword, Unreachable) as error:
                    client.close()
                    if isinstance(error, RelayError) and error.code == "unauthorized":
                        # The sender's process starts again. More questions would lock this
                        # circuit out (section 4.1).
                        pause = AFTER_UNAUTHORIZED
                        break
            if time.monotonic() > deadline:
                raise Unreachable("the sender did not come back")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _try(self, client: RelayClient, generation: int) -> Meeting:
        context = Context(self._curve, self._onion, channel_of(self._resumption, generation))
        w = scalar_of_resumption(self._resumption, context)
        participant = join_once(client, context, TRY_SECONDS)
        self._answered = max(self._answered, generation)
        return answer(participant, context, w, seconds=ANSWER_SECONDS)
