"""Sections 4 and 5.1: a client of the relay."""

import http.client
import secrets
import socket
import threading
import time
from typing import Any, Dict, Optional

from . import relay_wire
from .conventions import from_json, to_base64url, to_json
from .errors import Elsewhere, NoRelay, Refused, RelayError, StreamDead, Unreachable
from .relay_wire import State
from .socks import Circuit, dial

HTTP_PORT = 80
STREAM_PORT = 81
PAUSES = (0.1, 0.5, 2.0, 5.0)
REPLY_SECONDS = 30.0
LEAVE_SECONDS = 2.0
MOST_LED = 4
NOTHING_LEFT_TO_CLOSE = ("attempt-ended", "no-such-channel", "channel-closed")


def fresh_nonce() -> str:
    return to_base64url(secrets.token_bytes(16))


class RelayClient:
    """One circuit to a relay, for one channel, with a connection that is kept alive."""

    def __init__(self, circuit: Circuit, onion: str, password: str) -> None:
        self.circuit = circuit
        self.onion = onion
        self.home: Optional[str] = None  # The backend that has the channel (section 4.8).
        self.authorization = relay_wire.authorization(password)
        self._connection: Optional[http.client.HTTPConnection] = None

    def join(
        self, role: str, channel: str, curve: str, nonce: Optional[str] = None
    ) -> "Participant":
        request = {
            "role": role,
            "nonce": nonce or fresh_nonce(),
            "channel": channel,
            "curve": curve,
        }
        relay_wire.check_join(request)
        reply = self._check(relay_wire.check_join_reply, self._join(request))
        if "home" in reply:
            self._move(reply["home"])
        if reply["curve"] != curve or reply["channel"] != channel:
            raise NoRelay("the relay has joined something else")
        return Participant(self, channel, reply["uuid"], reply["state"])

    def write(self, request: Dict[str, Any]) -> State:
        relay_wire.check_channel(request)
        wait = request.get("wait", 0) / 1_000
        return self._check(relay_wire.check_state, self._post("/channel", request, wait))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def address(self) -> str:
        return self.home or self.onion

    def _move(self, home: Optional[str]) -> None:
        if home != self.home:
            self.close()
            self.home = home

    def _join(self, request: Dict[str, Any]) -> Any:
        try:
            return self._post("/join", request)
        except Unreachable:
            if self.home is None:
                raise
            # A backend that has ended has taken its channels along.
            self._move(None)
            return self._post("/join", request)

    def _post(self, path: str, request: Dict[str, Any], wait: float = 0.0) -> Any:
        """Follows to the backend that has the channel (section 4.8)."""
        for _ in range(MOST_LED):
            try:
                return self._post_here(path, request, wait)
            except Elsewhere as moved:
                if moved.onion == self.home:
                    break
                self._move(moved.onion)
        raise NoRelay("the relay sends its clients in circles")

    def _post_here(self, path: str, request: Dict[str, Any], wait: float) -> Any:
        """Asks again, with the same request, when no reply comes (section 4.5, Repetition)."""
        for tries, pause in enumerate((*PAUSES, None)):
            try:
                return self._post_once(path, request, wait)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if pause is None:
                    raise Unreachable(f"no reply from {self.address}") from error
                time.sleep(pause)
            except RelayError as error:
                if tries > 0 and "close" in request and error.code in NOTHING_LEFT_TO_CLOSE:
                    return None
                raise
        raise AssertionError

    def _post_once(self, path: str, request: Dict[str, Any], wait: float) -> Any:
        if self._connection is None or self._connection.sock is None:
            connection = http.client.HTTPConnection(self.address)
            connection.auto_open = 0  # It must never dial by itself, past tor.
            connection.sock = dial(self.circuit, self.address, HTTP_PORT)
            self._connection = connection
        self._connection.sock.settimeout(REPLY_SECONDS + wait)
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        self._connection.request("POST", path, to_json(request), headers)
        reply = self._connection.getresponse()
        body = reply.read(relay_wire.LONGEST_REPLY + 1)
        if len(body) > relay_wire.LONGEST_REPLY:
            raise NoRelay("a reply that is too long")
        if reply.status != 200:
            raise RelayError(relay_wire.refusal(reply.status, body))
        try:
            return from_json(body)
        except Refused as error:
            raise NoRelay("a reply that is not JSON") from error

    @staticmethod
    def _check(check: Any, reply: Any) -> Any:
        try:
            return None if reply is None else check(reply)
        except Refused as error:
            raise NoRelay(f"a reply of another form: {error}") from error


class Participant:
    """A sender or recipient in a channel."""

    def __init__(self, client: RelayClient, channel: str, uuid: str, state: State) -> None:
        self.client = client
        self.channel = channel
        self.uuid = uuid
        self.state = state

    def write(self, wait_ms: int = 0, **members: Any) -> State:
        """Writes something, or nothing, and waits for what others do."""
        request = {"channel": self.channel, "uuid": self.uuid, **members}
        if wait_ms > 0:
            request.update(since=self.state["revision"], wait=wait_ms)
        state = self.client.write(request)
        if state is not None:
            self.state = state
        return self.state

    def of_pair(self, attempt: int) -> "Participant":
        """A sender's own participant in the pair that a confirmed attempt became."""
        for own in self.state["attempts"]:
            if own["attempt"] == attempt and own["phase"] == "confirmed":
                return Participant(self.client, self.channel, own["participant"], self.state)
        raise NoRelay("a confirmation without a pair")

    def leave(self, **members: Any) -> None:
        """Section 7.6: a relay that has gone already is not waited for."""
        leaving = threading.Thread(target=self._say_close, kwargs=members, daemon=True)
        leaving.start()
        leaving.join(LEAVE_SECONDS)

    def _say_close(self, **members: Any) -> None:
        try:
            self.write(close=True, **members)
        except (RelayError, Unreachable, NoRelay):
            pass  # The other side was quicker, or nobody is there: it is over in any case.

    def open_stream(
        self, number: int, early: bytes, deadline: float
    ) -> "tuple[socket.socket, bytes]":
        """A joined stream, and what has come behind the relay's answer (section 5.1).

        `early` is sent at once behind the hello.
        """
        hello = relay_wire.hello(self.channel, self.uuid, number, self.client.authorization)
        try:
            connection = dial(self.client.circuit, self.client.address, STREAM_PORT)
        except OSError as error:
            raise StreamDead(f"no connection to {self.client.address}") from error
        try:
            connection.sendall(hello + early)
            line, behind = _read_line(connection, deadline)
            code = relay_wire.refusal_of_answer(line)
            if code is not None:
                raise StreamDead(f"the relay refused the stream with {code}")
        except OSError as error:
            connection.close()
            raise StreamDead("the connection ended before it was joined") from error
        except Elsewhere as error:
            connection.close()
            raise StreamDead("another backend has the channel now") from error
        except BaseException:
            connection.close()
            raise
        return connection, behind


def _read_line(connection: socket.socket, deadline: float) -> "tuple[bytes, bytes]":
    received = b""
    while b"\n" not in received:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        if len(received) > relay_wire.LONGEST_LINE:
            raise NoRelay("an answer that is too long")
        more = connection.recv(4_096)
        if not more:
            raise StreamDead("the relay closed the stream without an answer")
        received += more
    line, _, behind = received.partition(b"\n")
    return line + b"\n", behind
