"""`make call`: a SIP caller dials the hotline, presses keys and speaks; every step is told, and judged by tones.

The daemon is used as a browser uses it, over REST and its websocket, whether it runs in another process or is started
here. Where no agent is ready a simulated one goes to work: somebody of the demo who is not signed in, at a hard phone.
"""

import asyncio
import json
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from pathlib import Path
from typing import Protocol

import msgspec

from cti.desk.views import AgentView
from cti.errors import CtiError, DeadlineExceeded, Unusable
from cti.settings import Settings
from cti.simulated.person import Person, demo_daemon_at, log_in
from cti.simulated.phone import Phone
from cti.simulated.stand_in import AGENT_HZ, CallFailed, NotOfTheDemo, StandIn, at_work
from cti.simulated.tones import WINDOW_S, Window
from cti.simulated.wav import listen_to, tone_seconds
from cti.store.demo import demo_password
from cti.web.resources import AgentList, InteractionCard, InteractionHit, Interactions, RecordingView

CALLER_HZ = 440
SUPERVISOR = "2001"
"""Of the demo: sees every agent and every recording."""

POLL_S = 0.2
ANSWER_S = 10.0
KNOWN_S = 5.0
CONNECTED_S = 90.0
"""Long enough for two agents who let it ring."""
PUBLISHED_S = 20.0
VOICE_S = 15.0
"""How long a human agent may take to say something."""

Echo = Callable[[str], object]


class Running(Protocol):
    """What is known of a daemon that was started (`cti.daemon.daemon.Daemon`)."""

    url: str
    demo: bool


Start = Callable[[Settings], AbstractAsyncContextManager[Running]]
"""Asterisk and the daemon, for as long as the context lasts (`cti.commands.up.everything`)."""


class Result(msgspec.Struct):
    """The last line of the output; None for what never came."""

    interaction: str | None = None
    agent: str | None = None
    waited_s: float | None = None
    talked_s: float | None = None
    recording: str | None = None


async def make_call(settings: Settings, start: Start, *, digits: str, number: str, talk_s: float, echo: Echo) -> int:
    """0 when the caller was connected, heard in both directions and recorded; 1 otherwise.

    `digits`: the keys, a comma is a pause of two seconds. Raises Unusable when nothing could be dialled at all.
    """
    _check_trunk(settings.sip.trunk_host)
    result = Result()
    failure = ""
    async with AsyncExitStack() as stack:
        url = await _daemon(settings, start, stack, echo)
        supervisor = await stack.enter_async_context(log_in(url, SUPERVISOR, demo_password(SUPERVISOR)))
        call = _Call(settings, supervisor, result, url=url, stack=stack, echo=echo)
        try:
            await call.run(number, digits, talk_s)
        except Unusable:
            raise
        except CtiError as error:
            failure = str(error)
    echo(f"FAILED: {failure}" if failure else "The caller was connected, heard and recorded.")
    echo(json.dumps(msgspec.to_builtins(result), ensure_ascii=False))
    return 1 if failure else 0


async def _daemon(settings: Settings, start: Start, stack: AsyncExitStack, echo: Echo) -> str:
    """The address of the daemon that runs, or of one that `stack` stops again."""
    url = f"http://{_near(settings.web.host)}:{settings.web.port}"
    if settings.web.port and await demo_daemon_at(url):
        echo(f"Laidian is running at {url}.")
        return url
    echo("Laidian is not running: starting Asterisk and the daemon for this call ...")
    daemon = await stack.enter_async_context(start(settings))
    if not daemon.demo:
        raise Unusable("the database has no demo users, and a simulated call needs them")
    return daemon.url


def _near(host: str) -> str:
    """Where to reach on this machine what listens on `host`."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 (nothing is bound here)


def _check_trunk(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            message = f"sip.trunk_host is {host}, which is not this machine: a simulated caller cannot call from there"
            raise Unusable(message) from None


class _Call:
    """One call from the first ring to the recording; `result` is filled as it goes on."""

    def __init__(
        self, settings: Settings, supervisor: Person, result: Result, *, url: str, stack: AsyncExitStack, echo: Echo
    ) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._url = url
        self._result = result
        self._stack = stack
        self._echo = echo
        self._server = f"{_near(settings.sip.host)}:{settings.sip.port}"
        self._began = time.monotonic()
        self._dialled_at = 0.0
        self._agent: StandIn | None = None
        self._told: set[str] = set()

    def _tell(self, text: str) -> None:
        """Once only, so that a loop may tell what it sees."""
        if text not in self._told:
            self._told.add(text)
            self._echo(f"{time.monotonic() - self._began:6.1f} s  {text}")

    async def run(self, number: str, digits: str, talk_s: float) -> None:
        async with Phone(number, server=self._server, host=self._settings.sip.trunk_host) as caller:
            await caller.play(CALLER_HZ)
            await self._menu(caller, digits)
            card = await self._connected(caller, digits)
            await self._heard(caller, card)
            await asyncio.sleep(talk_s)
            if caller.calls[-1].up:
                await caller.hang_up()
                self._tell("the caller hangs up")
            else:
                self._tell("the agent has hung up")
        await self._recorded(await self._ended(), talk_s)

    # --- the caller's way ------------------------------------------------------------------------------------------

    async def _menu(self, caller: Phone, digits: str) -> None:
        hotline = next((number for number in self._settings.hotlines if number.isdigit()), "4000")
        self._dialled_at = time.time()
        call = await caller.dial(hotline)
        self._tell(f"{caller.setup.user} dials {hotline}")
        with suppress(DeadlineExceeded):
            await caller.wait_until(lambda: call.up or call.closed_at is not None, ANSWER_S, "an answer")
        if not call.up:
            raise CallFailed(f"the hotline did not answer: {call.reason or f'nothing came in {ANSWER_S:.0f} s'}")
        self._tell("the hotline answers")
        try:
            await caller.wait_sound(0.5, within=ANSWER_S)
        except DeadlineExceeded:
            raise CallFailed(f"the menu was not heard within {ANSWER_S:.0f} s") from None
        self._tell("the caller hears the menu")
        for n, keys in enumerate(digits.split(",")):
            await asyncio.sleep(2 if n else 0)
            await caller.send_digits(keys)
            self._tell(f"the caller presses {keys}")

    async def _connected(self, caller: Phone, digits: str) -> InteractionCard:
        """The interaction as soon as an agent, a simulated one if nobody else can, talks with the caller."""
        deadline = time.monotonic() + CONNECTED_S
        while time.monotonic() < deadline:
            hit = await self._interaction(caller.setup.user)
            if hit is not None:
                self._result.interaction = hit.interaction_id
                card = await self._supervisor.get(f"/interactions/{hit.interaction_id}", InteractionCard)
                if any(segment.started_at for segment in card.segments):
                    return card
                await self._see_to(hit)
            elif time.time() - self._dialled_at > KNOWN_S:
                raise CallFailed("Asterisk answered, but the daemon does not know the call: see its log")
            if not caller.calls[-1].up:
                raise CallFailed(f"the hotline ended the call before an agent answered (keys {digits})")
            await asyncio.sleep(POLL_S)
        raise CallFailed(f"no agent answered within {CONNECTED_S:.0f} s")

    async def _interaction(self, number: str) -> InteractionHit | None:
        path = f"/interactions?number={number}&since={self._dialled_at - 1}&limit=1"
        found = await self._supervisor.get(path, Interactions)
        return found.items[0] if found.items else None

    async def _see_to(self, hit: InteractionHit) -> None:
        """Tell who waits and who rings; bring an agent when nobody could take the call."""
        if not hit.queue:
            return
        self._tell(f"{hit.customer_name or hit.customer_number} waits in the queue {hit.queue}, with music")
        agents = (await self._supervisor.get("/agents", AgentList)).items
        for agent in agents:
            if agent.state == "offered" and agent.interaction_id == hit.interaction_id:
                self._tell(f"the screen-pop is at {agent.name}'s desk, and the phone rings")
        able = [agent for agent in agents if hit.queue in agent.queues]
        if self._agent is None and not any(agent.state in {"ready", "offered"} and agent.reachable for agent in able):
            await self._bring_agent(hit.queue, [agent for agent in able if agent.state == "logged_out"])

    async def _bring_agent(self, queue: str, absent: list[AgentView]) -> None:
        for view in absent:
            work = at_work(self._settings, view, self._supervisor, url=self._url, server=self._server)
            with suppress(NotOfTheDemo):
                self._agent = await self._stack.enter_async_context(work)
                self._agent.interaction_id = self._result.interaction or ""
                self._tell(f"nobody is ready in {queue}: a simulated agent comes, {view.name} ({view.agent_id})")
                await self._agent.ready()
                return
        raise CallFailed(f"nobody is ready in the queue {queue}, and no demo agent of it is free to be played")

    # --- the judgement ---------------------------------------------------------------------------------------------

    async def _heard(self, caller: Phone, card: InteractionCard) -> None:
        segment = next(segment for segment in card.segments if segment.started_at)
        self._result.agent = segment.agent_id
        self._result.waited_s = round(card.interaction.waited_s or 0.0, 2)
        self._tell(f"agent {segment.agent_id} answers after a wait of {card.interaction.waited_s or 0:.1f} s")
        if self._agent is None or not self._agent.talks:
            try:
                await caller.wait_sound(0.5, within=VOICE_S)
            except DeadlineExceeded:
                raise CallFailed(f"the caller heard nothing of the agent within {VOICE_S:.0f} s") from None
            self._tell("the caller hears the agent; what the agent hears, the recording will show")
            self._agent = None
            return
        try:
            await caller.wait_hears({AGENT_HZ})
            self._tell(f"the caller hears the agent ({AGENT_HZ} Hz)")
            await self._agent.phone.wait_hears({CALLER_HZ})
            self._tell(f"the agent hears the caller ({CALLER_HZ} Hz)")
        except DeadlineExceeded as error:
            raise CallFailed(f"they are connected but do not hear each other: {error}") from None

    async def _ended(self) -> InteractionHit:
        """The interaction when it is over and its recording is published."""
        deadline = time.monotonic() + PUBLISHED_S
        path = f"/interactions/{self._result.interaction}"
        while time.monotonic() < deadline:
            hit = (await self._supervisor.get(path, InteractionCard)).interaction
            if hit.ended_at is not None and hit.has_recording:
                self._result.talked_s = round(hit.talked_s, 2)
                return hit
            await asyncio.sleep(POLL_S)
        what = "its end" if hit.ended_at is None else "its recording"
        raise CallFailed(f"the books do not show {what} within {PUBLISHED_S:.0f} s")

    async def _recorded(self, hit: InteractionHit, talk_s: float) -> None:
        path = f"/recordings/{hit.interaction_id}"
        view = await self._supervisor.get(path, RecordingView)
        left, right = await asyncio.to_thread(_channels, await self._supervisor.read(f"{path}/audio"))
        theirs = tone_seconds(left).get(CALLER_HZ, 0.0)
        ours = _sound_s(right) if self._agent is None else tone_seconds(right).get(AGENT_HZ, 0.0)
        self._result.recording = self._shown(hit.interaction_id) or f"{self._url}/api/v1{path}/audio"
        spoken = f"the caller is in it for {theirs:.1f} s (left), the agent for {ours:.1f} s (right)"
        self._tell(f"the recording of {view.duration_s:.1f} s is published: {spoken}")
        if theirs < talk_s / 2 or ours < (WINDOW_S if self._agent is None else talk_s / 2):
            raise CallFailed(f"the recording does not hold both voices: {spoken}")

    def _shown(self, interaction_id: str) -> str:
        """The published file, when it is below the folder that our own settings name."""
        found = next(self._settings.path(self._settings.recordings).rglob(f"{interaction_id}*.wav"), None)
        return str(found) if found else ""


def _channels(wav: bytes) -> tuple[list[Window], list[Window]]:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(wav)
        file.flush()
        try:
            left, right = listen_to(Path(file.name), (CALLER_HZ, AGENT_HZ))
        except ValueError as error:
            raise CallFailed(f"the published recording is not the stereo WAV that it should be: {error}") from None
    return left, right


def _sound_s(windows: list[Window]) -> float:
    return round(sum(WINDOW_S for window in windows if window.sound), 1)
