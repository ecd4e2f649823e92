"""RFC 1928 and RFC 1929: a connection to an onion service through a tor."""

import secrets
import socket
from typing import NamedTuple, Tuple

DIAL_SECONDS = 120.0


class Circuit(NamedTuple):
    """What is dialled with the same user and password shares a Tor circuit (section 7.4)."""

    socks: Tuple[str, int]
    user: str
    password: str


def new_circuit(socks: Tuple[str, int]) -> Circuit:
    return Circuit(socks, secrets.token_hex(8), secrets.token_hex(8))


def dial(circuit: Circuit, host: str, port: int) -> socket.socket:
    connection = socket.create_connection(circuit.socks, timeout=DIAL_SECONDS)
    try:
        _ask(connection, b"\x05\x01\x02", b"\x05\x02")
        _ask(connection, b"\x01" + _counted(circuit.user) + _counted(circuit.password), b"\x01\x00")
        request = b"\x05\x01\x00\x03" + _counted(host) + port.to_bytes(2, "big")
        # The address in the reply is zeros: ten bytes in all.
        _ask(connection, request, b"\x05\x00\x00\x01", behind=6)
    except BaseException:
        connection.close()
        raise
    return connection


def _counted(text: str) -> bytes:
    raw = text.encode()
    return bytes([len(raw)]) + raw


def _ask(connection: socket.socket, request: bytes, expected: bytes, behind: int = 0) -> None:
    connection.sendall(request)
    reply = b""
    while len(reply) < len(expected) + behind:
        received = connection.recv(len(expected) + behind - len(reply))
        if not received:
            raise ConnectionError("the SOCKS port has closed the connection")
        reply += received
    if not reply.startswith(expected):
        raise ConnectionError(f"the SOCKS port answered {reply.hex()}")
