"""Sections 6.2 to 6.6: the key agreement."""

import hashlib
import secrets
from typing import NamedTuple

from .conventions import PROTOCOL, fields, hkdf_expand, hkdf_extract
from .curves import CURVES, Curve
from .errors import Refused

SENDER = "sender"
RECIPIENT = "recipient"
ROUNDS = 600_000


class Context(NamedTuple):
    """What both sides must mean the same by (section 6.2)."""

    curve: str
    onion: str
    channel: str

    def identity(self, role: str) -> bytes:
        """idA of the sender, idB of the recipient (section 6.5)."""
        return fields(PROTOCOL, "SPAKE2", self.curve, self.onion, self.channel, role)


class Keys(NamedTuple):
    """Section 6.6."""

    k: bytes
    prk: bytes
    h_k: bytes
    hh_k: bytes
    h_a: bytes
    hh_a: bytes
    stream: bytes
    resumption: bytes
    verification: bytes


def password_salt(onion: str, channel: str) -> bytes:
    return fields(PROTOCOL, "password", onion, channel)


def scalar_of_password(secret_words: str, context: Context) -> int:
    """w of section 6.3."""
    curve = CURVES[context.curve]
    salt = password_salt(context.onion, context.channel)
    wide = hashlib.pbkdf2_hmac("sha256", secret_words.encode(), salt, ROUNDS, curve.wide_bytes)
    return int.from_bytes(wide, "big") % curve.order


def random_scalar(curve: Curve) -> int:
    return 1 + secrets.randbelow(curve.order - 1)


def make_share(curve: Curve, role: str, w: int, scalar: int) -> bytes:
    """X of the sender, Y of the recipient (section 6.4)."""
    blind = curve.M if role == SENDER else curve.N
    point = curve.add(curve.multiply(scalar, curve.base), curve.multiply(w, blind))
    return curve.encode(point)


def shared_point(curve: Curve, role: str, w: int, scalar: int, peer_share: bytes) -> bytes:
    """K, or a refusal of the peer's share (section 6.4)."""
    peer_blind = curve.N if role == SENDER else curve.M
    peer_point = curve.subtract(curve.read_share(peer_share), curve.multiply(w, peer_blind))
    if peer_point == curve.identity:
        raise Refused("a share that makes K the identity")
    return curve.encode(curve.multiply(curve.cofactor * scalar, peer_point))


def transcript(context: Context, X: bytes, Y: bytes, K: bytes, w: int) -> bytes:
    """TT of section 6.5."""
    w_bytes = w.to_bytes(CURVES[context.curve].scalar_bytes, "big")
    return fields(context.identity(SENDER), context.identity(RECIPIENT), X, Y, K, w_bytes)


def key_schedule(curve: Curve, TT: bytes) -> Keys:
    """Section 6.6."""
    k = hashlib.new(curve.hash_name, TT).digest()
    prk = hkdf_extract(curve.hash_name, b"onionferry/1 SPAKE2", k)
    h_k = hkdf_expand(curve.hash_name, prk, b"onionferry/1 confirmation", 32)
    h_a = hkdf_expand(curve.hash_name, prk, b"onionferry/1 agreement", 32)
    return Keys(
        k=k,
        prk=prk,
        h_k=h_k,
        hh_k=hashlib.sha256(h_k).digest(),
        h_a=h_a,
        hh_a=hashlib.sha256(h_a).digest(),
        stream=hkdf_expand(curve.hash_name, prk, b"onionferry/1 stream", 32),
        resumption=hkdf_expand(curve.hash_name, prk, b"onionferry/1 resumption", 32),
        verification=hkdf_expand(curve.hash_name, prk, b"onionferry/1 verification", 32),
    )


def verification_phrase(verification: bytes, words: list[str]) -> str:
    """The phrase of section 6.6, with the word list of section 3.2."""
    number = int.from_bytes(verification, "big")
    phrase = []
    for _ in range(5):
        number, index = divmod(number, len(words))
        phrase.append(words[index])
    return " ".join(phrase)


def agree(
    context: Context, role: str, w: int, scalar: int, own_share: bytes, peer_share: bytes
) -> Keys:
    """All keys, from the peer's share."""
    curve = CURVES[context.curve]
    K = shared_point(curve, role, w, scalar, peer_share)
    X, Y = (own_share, peer_share) if role == SENDER else (peer_share, own_share)
    return key_schedule(curve, transcript(context, X, Y, K, w))
