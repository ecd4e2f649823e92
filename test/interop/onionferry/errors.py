"""What can go wrong, by what must be done about it."""


class Refused(Exception):
    """A value that the document says MUST be refused."""


class ProtocolError(Refused):
    """The peer said something that it may not say (section 9): abort with `protocol`."""


class HostileName(Refused):
    """A path that must not be written (section 10.1): abort with `hostile-name`."""


class RelayError(Exception):
    """The relay refused a request with one of the codes of section 4.6."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the relay refused with {code}")
        self.code = code


class Elsewhere(Exception):
    """Another backend of the relay has this channel (section 4.8)."""

    def __init__(self, onion: str) -> None:
        super().__init__(f"the channel is at {onion}")
        self.onion = onion


class NoRelay(Exception):
    """What answers at this address does not speak section 4."""


class Unreachable(Exception):
    """No reply from the relay, however often it was asked."""


class WrongPassword(Exception):
    """The other side has other secret words (section 7.2)."""

    def __init__(self) -> None:
        super().__init__("the password is wrong")


class StreamDead(Exception):
    """A stream that has ended, was silent for too long, or was changed on its way (section 8)."""


class Aborted(Exception):
    """The peer has ended the transfer for good (section 9.3)."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the other side has ended the transfer: {reason}")
        self.reason = reason


class Failed(Exception):
    """This side cannot go on: abort with this reason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
