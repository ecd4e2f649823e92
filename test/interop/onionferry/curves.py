"""Section 6.1: the groups, with plain integers and affine coordinates.

Each curve has the same methods. A point is a pair of coordinates; the identity of a Weierstrass
curve, which has none, is None.
"""

from typing import Dict, Optional, Tuple, Union

from .errors import Refused

Point = Optional[Tuple[int, int]]


class Curve:
    """What the two families have in common."""

    def __init__(self, name: str, hash_name: str, q: int, order: int, cofactor: int) -> None:
        self.name = name
        self.hash_name = hash_name
        self.q = q
        self.order = order
        self.cofactor = cofactor
        self.scalar_bytes = (order.bit_length() + 7) // 8
        self.field_bytes = (q.bit_length() + 7) // 8
        self.wide_bytes = (order.bit_length() + 64 + 7) // 8
        self.identity: Point = None
        self.base: Point = None
        self.M: Point = None
        self.N: Point = None

    def multiply(self, scalar: int, point: Point) -> Point:
        result = self.identity
        for bit in bin(scalar)[2:]:
            result = self.add(result, result)
            if bit == "1":
                result = self.add(result, point)
        return result

    def subtract(self, first: Point, second: Point) -> Point:
        return self.add(first, self.negate(second))

    def read_share(self, raw: bytes) -> Point:
        """Section 6.4: what must be refused, but for the difference, which is for the receiver."""
        point = self.decode(raw)
        if point == self.identity:
            raise Refused("the identity as a share")
        return point

    def add(self, first: Point, second: Point) -> Point:
        raise NotImplementedError

    def negate(self, point: Point) -> Point:
        raise NotImplementedError

    def encode(self, point: Point) -> bytes:
        raise NotImplementedError

    def decode(self, raw: bytes) -> Point:
        raise NotImplementedError


class Weierstrass(Curve):
    """y² = x³ + ax + b. The cofactor is 1: every point on the curve is in the group."""

    def __init__(
        self,
        name: str,
        hash_name: str,
        *,
        q: int,
        order: int,
        a: int,
        b: int,
        base: Tuple[int, int],
        M: str,
        N: str,
    ) -> None:
        super().__init__(name, hash_name, q, order, cofactor=1)
        self.a = a
        self.b = b
        self.base = base
        self.M = self._decompress(bytes.fromhex(M))
        self.N = self._decompress(bytes.fromhex(N))

    def add(self, first: Point, second: Point) -> Point:
        if first is None:
            return second
        if second is None:
            return first
        (x1, y1), (x2, y2), q = first, second, self.q
        if x1 == x2:
            if (y1 + y2) % q == 0:
                return None
            slope = (3 * x1 * x1 + self.a) * pow(2 * y1, -1, q)
        else:
            slope = (y2 - y1) * pow(x2 - x1, -1, q)
        x = (slope * slope - x1 - x2) % q
        return x, (slope * (x1 - x) - y1) % q

    def negate(self, point: Point) -> Point:
        return None if point is None else (point[0], -point[1] % self.q)

    def is_on_curve(self, x: int, y: int) -> bool:
        return (y * y - self._square_of_y(x)) % self.q == 0

    def encode(self, point: Point) -> bytes:
        """SEC 1, section 2.3.3, uncompressed."""
        if point is None:
            raise Refused("the identity has no such form")
        x, y = point
        return b"\x04" + x.to_bytes(self.field_bytes, "big") + y.to_bytes(self.field_bytes, "big")

    def decode(self, raw: bytes) -> Point:
        length = self.field_bytes
        if len(raw) != 1 + 2 * length or raw[0] != 4:
            raise Refused("not an uncompressed point")
        x = int.from_bytes(raw[1 : 1 + length], "big")
        y = int.from_bytes(raw[1 + length :], "big")
        if x >= self.q or y >= self.q or not self.is_on_curve(x, y):
            raise Refused("not a point of the curve")
        return x, y

    def _square_of_y(self, x: int) -> int:
        return (x * x * x + self.a * x + self.b) % self.q

    def _decompress(self, raw: bytes) -> Point:
        """SEC 1, section 2.3.4: how section 6.1 gives M and N."""
        x = int.from_bytes(raw[1:], "big")
        y = square_root(self._square_of_y(x), self.q)
        return x, y if y % 2 == raw[0] % 2 else self.q - y


class Edwards(Curve):
    """−x² + y² = 1 + dx²y² (RFC 8032, section 5.1)."""

    def __init__(self, name: str, hash_name: str, *, q: int, order: int, M: str, N: str) -> None:
        super().__init__(name, hash_name, q, order, cofactor=8)
        self.d = -121665 * pow(121666, -1, q) % q
        self.identity = (0, 1)
        self.base = self._point(4 * pow(5, -1, q) % q, sign=0)
        self.M = self._read_point(bytes.fromhex(M))
        self.N = self._read_point(bytes.fromhex(N))

    def add(self, first: Point, second: Point) -> Point:
        (x1, y1), (x2, y2), q = first, second, self.q
        product = self.d * x1 * x2 * y1 * y2
        x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, q) % q
        y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, q) % q
        return x, y

    def negate(self, point: Point) -> Point:
        x, y = point
        return -x % self.q, y

    def encode(self, point: Point) -> bytes:
        """RFC 8032, section 5.1.2."""
        x, y = point
        return (y | (x % 2) << 255).to_bytes(32, "little")

    def decode(self, raw: bytes) -> Point:
        point = self._read_point(raw)
        if self.multiply(self.order, point) != self.identity:
            raise Refused("a point outside the subgroup of prime order")
        return point

    def _read_point(self, raw: bytes) -> Point:
        """RFC 8032, section 5.1.3: any point of the curve."""
        if len(raw) != 32:
            raise Refused("not a point")
        number = int.from_bytes(raw, "little")
        y, sign = number % 2**255, number >> 255
        if y >= self.q:
            raise Refused("a y that is not reduced")
        return self._point(y, sign)

    def _point(self, y: int, sign: int) -> Point:
        x = square_root((y * y - 1) * pow(self.d * y * y + 1, -1, self.q) % self.q, self.q)
        if x == 0 and sign == 1:
            raise Refused("x = 0 with the sign bit")
        return x if x % 2 == sign else self.q - x, y


def square_root(square: int, q: int) -> int:
    """A square root modulo the prime q, by Tonelli and Shanks. SIEC255 has a q of 1 modulo 4."""
    if square == 0:
        return 0
    if pow(square, (q - 1) // 2, q) != 1:
        raise Refused("a coordinate that no point has")
    odd, twos = q - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    no_square = next(n for n in range(2, q) if pow(n, (q - 1) // 2, q) == q - 1)
    root, rest = pow(square, (odd + 1) // 2, q), pow(square, odd, q)
    generator = pow(no_square, odd, q)
    while rest != 1:
        steps, power = 0, rest
        while power != 1:
            steps, power = steps + 1, power * power % q
        factor = pow(generator, 2 ** (twos - steps - 1), q)
        root, generator, twos = root * factor % q, factor * factor % q, steps
        rest = rest * generator % q
    return root


def _nist(name: str, hash_name: str, **parameters: Union[int, str, Tuple[int, int]]) -> Curve:
    """NIST SP 800-186, section 3.2.1: a is −3."""
    return Weierstrass(name, hash_name, a=-3, **parameters)


CURVES: Dict[str, Curve] = {
    curve.name: curve
    for curve in (
        _nist(
            "p256",
            "sha256",
            q=2**256 - 2**224 + 2**192 + 2**96 - 1,
            order=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
            b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
            base=(
                0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
                0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
            ),
            M="02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f",
            N="03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49",
        ),
        _nist(
            "p384",
            "sha512",
            q=2**384 - 2**128 - 2**96 + 2**32 - 1,
            order=int(
                "ffffffffffffffffffffffffffffffffffffffffffffffff"
                "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
                16,
            ),
            b=int(
                "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe814112"
                "0314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
                16,
            ),
            base=(
                int(
                    "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b98"
                    "59f741e082542a385502f25dbf55296c3a545e3872760ab7",
                    16,
                ),
                int(
                    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c"
                    "e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
                    16,
                ),
            ),
            M="030ff0895ae5ebf6187080a82d82b42e2765e3b2f8749c7e05eba366434b363d"
            "3dc36f15314739074d2eb8613fceec2853",
            N="02c72cf2e390853a1c1c4ad816a62fd15824f56078918f43f922ca21518f9c54"
            "3bb252c5490214cf9aa3f0baab4b665c10",
        ),
        _nist(
            "p521",
            "sha512",
            q=2**521 - 1,
            order=int(
                "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
                "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
                16,
            ),
            b=int(
                "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1"
                "56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
                16,
            ),
            base=(
                int(
                    "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dba"
                    "a14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
                    16,
                ),
                int(
                    "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c"
                    "97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
                    16,
                ),
            ),
            M="02003f06f38131b2ba2600791e82488e8d20ab889af753a41806c5db18d37d85"
            "608cfae06b82e4a72cd744c719193562a653ea1f119eef9356907edc9b569799"
            "62d7aa",
            N="0200c7924b9ec017f3094562894336a53c50167ba8c5963876880542bc669e49"
            "4b2532d76c5b53dfb349fdf69154b9e0048c58a42e8ed04cef052a3bc349d955"
            "75cd25",
        ),
        Edwards(
            "ed25519",
            "sha256",
            q=2**255 - 19,
            order=2**252 + 27742317777372353535851937790883648493,
            M="d048032c6ea0b6d697ddc2e86bda85a33adac920f1bf18e1b0c6d166a5cecdaf",
            N="d3bfb518f44f3430f29d0c92af503865a1ed3281dc69b35dd868ba85f886c4ab",
        ),
        Weierstrass(
            "siec",
            "sha256",
            q=28948022309329048855892746252183396360603931420023084536990047309120118726721,
            order=28948022309329048855892746252183396360263649053102146073526672701688283398081,
            a=0,
            b=19,
            base=(5, 12),
            M="023ae51a0233b24f690046544b0d8651bcfe3d64b370d51790e294c287b92f0362",
            N="031e9810fed525805e38ce717a99b5669df694a75593e4e937fc9f11c1ee673fb4",
        ),
    )
}
