"""The command line.

    python3 -m onionferry receive --socks HOST:PORT --out DIR < invitation
    python3 -m onionferry send --socks HOST:PORT --relay ONION PATH

`send` reads the passwords from ONIONFERRY_PASSWORD and ONIONFERRY_RELAY_PASSWORD, and prints the
invitation. What happens is told on standard error. Exit status: 0 done, 1 failed, 2 wrong usage,
3 wrong password.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Tuple

from .errors import (
    Aborted,
    Failed,
    NoRelay,
    Refused,
    RelayError,
    StreamDead,
    Unreachable,
    WrongPassword,
)
from .invitation import Invitation, check_relay_password, format_invitation, read_invitation
from .onion import read_onion_address
from .password import read_password
from .recipient import Recipient
from .sender import Sender, Source


def main() -> int:
    parser = argparse.ArgumentParser(prog="onionferry")
    verbs = parser.add_subparsers(dest="verb", required=True)
    receive = verbs.add_parser("receive")
    receive.add_argument("--socks", type=_address, required=True)
    receive.add_argument("--out", type=Path, required=True)
    receive.add_argument("--break-after", type=int, help="break the stream after so many bytes")
    send = verbs.add_parser("send")
    send.add_argument("--socks", type=_address, required=True)
    send.add_argument("--relay", required=True)
    send.add_argument("path", type=Path)
    options = parser.parse_args()
    try:
        if options.verb == "receive":
            return _receive(options)
        return _send(options)
    except WrongPassword as error:
        return _fail(3, error)
    except RelayError as error:
        if error.code in ("unauthorized", "no-such-channel"):
            return _fail(3, f"the password is wrong, or nobody sends now ({error.code})")
        return _fail(1, error)
    except (Aborted, Failed, NoRelay, Refused, StreamDead, Unreachable) as error:
        return _fail(1, error)


def _receive(options: argparse.Namespace) -> int:
    try:
        invitation = read_invitation(sys.stdin.read(20_000))
    except Refused as error:
        return _fail(2, error)
    recipient = Recipient(invitation, options.socks, options.out, _say, options.break_after)
    recipient.run()
    print(f"received {recipient.files} files, {recipient.received} bytes")
    return 0


def _send(options: argparse.Namespace) -> int:
    try:
        invitation = Invitation(
            onion=read_onion_address(options.relay),
            password=read_password(os.environ.get("ONIONFERRY_PASSWORD", "")),
            relay_password=os.environ.get("ONIONFERRY_RELAY_PASSWORD", ""),
        )
        check_relay_password(invitation.relay_password)
    except Refused as error:
        return _fail(2, error)
    sender = Sender(Source(options.path), invitation, options.socks, _say)
    print(format_invitation(invitation), flush=True)
    sender.run()
    return 0


def _address(text: str) -> Tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _fail(status: int, reason: object) -> int:
    _say(f"onionferry: {reason}")
    return status


if __name__ == "__main__":
    sys.exit(main())
