"""Which callers were answered, and when, told by Asterisk's own events alone; the same for both sides."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cti.ami.messages import Event

TRUNK = "trunk"


@dataclass(slots=True)
class Caller:
    """`up_at`: the hotline answered, and the wait began; `talked_at`: the caller and an agent were in one bridge.

    Unix seconds by Asterisk's clock.
    """

    number: str
    channel: str
    up_at: float
    talked_at: float | None = None

    @property
    def waited_s(self) -> float | None:
        return None if self.talked_at is None else self.talked_at - self.up_at


@dataclass(slots=True)
class Attendance:
    """`on_up` is told of each caller as soon as the hotline has answered; `talks` are those of the agents."""

    on_up: Callable[[Caller], None] = lambda _caller: None
    callers: dict[str, Caller] = field(default_factory=dict)
    talks: list[tuple[float, float]] = field(default_factory=list)
    _by_channel: dict[str, Caller] = field(default_factory=dict)
    _bridges: dict[str, dict[str, float]] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        at = float(event.get("Timestamp", "0"))
        match event.name:
            case "Newstate":
                self._state(event, at)
            case "BridgeEnter":
                self._bridges.setdefault(event["BridgeUniqueid"], {})[event["Channel"]] = at
                self._together(event["BridgeUniqueid"], at)
            case "BridgeLeave":
                self._left(event, at)

    def _state(self, event: Event, at: float) -> None:
        number = event.get("CallerIDNum", "")
        if (
            _endpoint(event["Channel"]) == TRUNK
            and event.get("ChannelStateDesc") == "Up"
            and number not in self.callers
        ):
            caller = self.callers[number] = Caller(number, event["Channel"], at)
            self._by_channel[caller.channel] = caller
            self.on_up(caller)

    def _together(self, bridge: str, at: float) -> None:
        inside = self._bridges[bridge]
        if any(_endpoint(channel) != TRUNK for channel in inside):
            for channel in inside:
                caller = self._by_channel.get(channel)
                if caller is not None and caller.talked_at is None:
                    caller.talked_at = at

    def _left(self, event: Event, at: float) -> None:
        inside = self._bridges.get(event["BridgeUniqueid"], {})
        since = inside.pop(event["Channel"], None)
        if since is not None and _endpoint(event["Channel"]) != TRUNK:
            self.talks.append((since, at))


def _endpoint(channel: str) -> str:
    return channel.removeprefix("PJSIP/").rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Score:
    """Of one run or of several together. `waited_s`: of all answered callers together."""

    offered: int = 0
    within: int = 0
    quick: int = 0
    answered: int = 0
    waited_s: float = 0.0
    busy_s: float = 0.0
    staffed_s: float = 0.0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.offered + other.offered,
            self.within + other.within,
            self.quick + other.quick,
            self.answered + other.answered,
            self.waited_s + other.waited_s,
            self.busy_s + other.busy_s,
            self.staffed_s + other.staffed_s,
        )

    @property
    def share(self) -> float:
        """Answered within the target / offered."""
        return self.within / self.offered

    @property
    def quick_share(self) -> float:
        """The same by a shorter target."""
        return self.quick / self.offered

    @property
    def asa_s(self) -> float:
        return self.waited_s / self.answered

    @property
    def abandoned(self) -> float:
        """Not answered / offered."""
        return 1 - self.answered / self.offered

    @property
    def occupancy(self) -> float:
        return self.busy_s / self.staffed_s


def score(waits: Iterable[float | None], target_s: float, quick_s: float) -> Score:
    """`waits`: of everybody who was offered, None for who was never answered."""
    waits = list(waits)
    answered = [wait for wait in waits if wait is not None]
    return Score(
        offered=len(waits),
        within=sum(wait <= target_s for wait in answered),
        quick=sum(wait <= quick_s for wait in answered),
        answered=len(answered),
        waited_s=sum(answered),
    )


def busy(talks: Iterable[tuple[float, float]], begin: float, end: float) -> float:
    """Seconds of talk between two moments."""
    return sum(max(0.0, min(until, end) - max(since, begin)) for since, until in talks)
