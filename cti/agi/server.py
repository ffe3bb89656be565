"""The FastAGI server: one connection per caller in the IVR or in a queue, each served by the route of its script."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Self

import msgspec
import structlog

from cti.agi.codec import MAX_HEADER_BYTES, Decoder, Environment, Hangup, Received
from cti.agi.deadline import Deadline
from cti.agi.session import AgiSession
from cti.errors import CtiError, HungUp, RemoteProtocolError, Unusable

log = structlog.get_logger(__name__)

Route = Callable[[AgiSession], Awaitable[None]]
LOOPBACK = ("127.0.0.0/8", "::1/128")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a peer may take; times in seconds."""

    header_s: float = 5.0
    max_header_bytes: int = MAX_HEADER_BYTES
    max_sessions: int = 5000
    stop_s: float = 3.0
    gone_s: float = 10.0  # how long a route may go on after its caller is gone


class FastAgiServer:
    """Listens while the `async with` block runs; leaving it ends every session.

    `routes` maps a script's name (`hotline` for `agi://daemon/hotline`) to a coroutine. It ends by returning (the
    dialplan goes on with its next priority) or by HungUp; anything else that it raises is logged with the call's
    uniqueid and ends this session only. Peers outside `peers` are closed unread.
    Raises Unusable when the port is taken.
    """

    def __init__(
        self,
        routes: Mapping[str, Route],
        *,
        host: str = "127.0.0.1",
        port: int = 4573,
        peers: Sequence[str] = LOOPBACK,
        limits: Limits | None = None,
    ) -> None:
        self._routes = {name.strip("/"): route for name, route in routes.items()}
        self._host = host
        self._port = port
        self._peers = tuple(ipaddress.ip_network(peer) for peer in peers)
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self.limits = limits or Limits()
        self.refused = 0  # connections closed for what the peer is, sent, or did not send

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: Connection(self), self._host, self._port, backlog=1024)
        except OSError as error:
            where = f"{self._host}:{self._port}"
            raise Unusable(f"FastAGI cannot listen on {where}: {error.strerror or error}") from None
        for listening in self._server.sockets:
            _keep_alive(listening)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        connections = list(self._connections)
        tasks = {task for connection in connections if (task := connection.cancel("the daemon stops")) is not None}
        if tasks:
            _, stragglers = await asyncio.wait(tasks, timeout=self.limits.stop_s)
            for straggler in stragglers:
                log.error("an AGI session does not end", task=straggler.get_name())

    @property
    def port(self) -> int:
        """The port that is listened on (of interest when 0 was asked for)."""
        if self._server is None or not self._server.sockets:
            return self._port
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    # What a connection asks

    def admit(self, connection: "Connection", peer: str) -> str:
        """Take a connection in; returns why not, or ""."""
        if len(self._connections) >= self.limits.max_sessions:
            return f"there are {len(self._connections)} sessions already"
        if not _is_in(peer, self._peers):
            return "the peer is not on the list"
        self._connections.add(connection)
        return ""

    def forget(self, connection: "Connection") -> None:
        self._connections.discard(connection)

    def route(self, script: str) -> Route | None:
        return self._routes.get(script)


@lru_cache(maxsize=256)  # all sessions come from a few telephone systems
def _is_in(peer: str, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    address = ipaddress.ip_address(peer)
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


class Connection(asyncio.Protocol):
    """One TCP connection: bytes to the decoder, answers to the session, the session to its route."""

    def __init__(self, server: FastAgiServer) -> None:
        self._server = server
        self._decoder = Decoder(max_header_bytes=server.limits.max_header_bytes)
        self._transport: asyncio.Transport | None = None
        self._deadline = Deadline()
        self._session: AgiSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream transport, by contract of asyncio.Protocol
        peer = transport.get_extra_info("peername")
        if not peer:  # reset before it was accepted: the kernel no longer knows where it came from
            transport.close()
            return
        self._peer = str(peer[0])
        refusal = self._server.admit(self, self._peer)
        if refusal:
            self._abort(refusal)
            return
        self._deadline.begin(self._server.limits.header_s, self._headers_do_not_come)

    def data_received(self, data: bytes) -> None:
        try:
            for received in self._decoder.feed(data):
                self._receive(received)
        except RemoteProtocolError as error:
            self._abort(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._server.forget(self)
        if self._session is None:
            self._deadline.end()
        else:
            self._gone("Asterisk closed the connection" if exc is None else f"the connection broke: {exc}")

    def cancel(self, reason: str) -> asyncio.Task[None] | None:
        """End the session from our side; returns its task, if one runs, to be waited for."""
        if self._task is not None:
            self._task.cancel(reason)
        elif self._transport is not None:
            self._transport.abort()
        return self._task

    def _receive(self, received: Received) -> None:
        if isinstance(received, Environment):
            self._start(received)
        elif self._session is None:
            raise RemoteProtocolError("an AGI answer came before the headers")
        elif isinstance(received, Hangup):
            self._gone("the channel hung up")
        elif not self._session.receive(received) and not self._session.hung_up:
            raise RemoteProtocolError("an AGI answer came that nobody asked for")

    def _start(self, env: Environment) -> None:
        self._deadline.kept()
        script = env.script
        route = self._server.route(script)
        if route is None:
            self._abort(f"there is no AGI script {script[:40]!r}")
            return
        self._session = AgiSession(env, self._write, self._abort, self._deadline)
        self._task = asyncio.create_task(self._run(route, self._session), name=f"agi-{script}-{env.uniqueid}")

    async def _run(self, route: Route, session: AgiSession) -> None:
        uniqueid = session.env.uniqueid
        try:
            await route(session)
        except HungUp as error:
            log.debug("the caller is gone", uniqueid=uniqueid, script=session.env.script, reason=str(error))
        except CtiError as error:
            log.warning("an AGI session failed", uniqueid=uniqueid, script=session.env.script, reason=str(error))
        except Exception:
            log.exception("an AGI session failed", uniqueid=uniqueid, script=session.env.script)
        finally:
            self._deadline.end()
            if self._transport is not None:
                self._transport.close()

    def _gone(self, reason: str) -> None:
        """The route hears of it by HungUp; one that waits for something else for too long is cancelled."""
        if self._session is None or self._session.hung_up:
            return
        self._session.set_gone(reason)
        if self._task is not None and not self._task.done():
            self._deadline.begin(self._server.limits.gone_s, self._cancel_straggler)

    def _cancel_straggler(self) -> None:
        if self._task is not None:
            log.error("an AGI route does not notice that its caller is gone", task=self._task.get_name())
            self._task.cancel("the caller is gone")

    def _headers_do_not_come(self) -> None:
        self._abort("its AGI headers do not come")

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _abort(self, reason: str) -> None:
        if self._transport is not None:
            uniqueid = self._session.env.uniqueid if self._session is not None else ""
            self._server.refused += 1
            log.warning("an AGI connection is closed", peer=self._peer, uniqueid=uniqueid, reason=reason)
            self._transport.abort()


def _keep_alive(listening: socket.socket) -> None:
    """Let the kernel notice a peer that is gone without a word while no command is pending (about a minute).

    What is accepted inherits it (Linux: a connection starts as a copy of the socket that listens).
    """
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
