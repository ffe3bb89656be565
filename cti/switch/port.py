"""The only way to order Asterisk about. `AsteriskSwitch` is the real one; tests and the simulation have a fake.

Each order is one request to Asterisk and returns when Asterisk took it, not when it is done: what came of it arrives as
mirror facts (`ChannelAnswered`, `BridgeEntered`, `ChannelHungUp`, ...). All raise `ActionFailed`, `NotConnected` or
`DeadlineExceeded`. A channel is named by its unique id, which for our own legs is the id that we chose.
"""

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from cti.events import SpyMode
from cti.switch.permit import Permit

NOTE = "LD_SILENT"
"""The variable of a customer's channel that says why its recording is silent; it outlives the daemon."""
MUTED = "LD_MUTED"
"""The variable of an agent's leg that nobody hears."""


class CallerId(msgspec.Struct, frozen=True):
    number: str
    name: str = ""


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """Ring `endpoint` (for example "w1001") as the new channel `channel`.

    On answer the leg runs `context` of the dialplan with `variables` set. `ring_s` bounds the ringing in Asterisk too,
    so that a daemon that dies leaves no phone ringing. `auto_answer` asks the page's softphone to answer by itself, and
    `purpose` "check" to sound a tone instead of the microphone; "reattach" goes before a call that the page has.
    """

    channel: str
    endpoint: str
    context: str
    caller: CallerId
    ring_s: float
    variables: Mapping[str, str]
    auto_answer: bool = False
    purpose: Literal["", "check", "reattach"] = ""


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """Call the number of `permit` over the trunk as the new channel `channel`; for `ring_s` at most, also without us.

    On answer the leg runs `context` of the dialplan with `variables` set. Asterisk refuses a `channel` that is there.
    """

    channel: str
    permit: Permit
    context: str
    caller: CallerId
    ring_s: float
    variables: Mapping[str, str]

    @property
    def number(self) -> str:
        return self.permit.number


class Switch(Protocol):
    async def ring(self, leg: Ring) -> None: ...

    async def dial(self, call: Dial) -> None: ...

    async def hang_up(self, channel: str, cause: int = 16) -> None: ...

    async def set_variable(self, channel: str, name: str, value: str) -> None: ...

    async def hold(self, customer: str, agent_leg: str) -> None:
        """The customer hears music; the agent's leg waits in the dialplan."""

    async def to_flow(self, customer: str, agent_leg: str) -> None:
        """As `hold`, but the dialplan asks us over FastAGI (`/flow`) what the customer hears."""

    async def resume(self, agent_leg: str) -> None:
        """Undo `hold`: the leg fetches the customer whom it had before."""

    async def record(self, channel: str, file: str) -> None:
        """Write what `channel` says (left) and hears (right) to `file`, 8 kHz 16-bit stereo without a header."""

    async def stop_recording(self, channel: str) -> None: ...

    async def silence(self, channel: str, note: str) -> None:
        """The recordings of `channel` are silent from now on, and go on in time; `note` is kept there (`NOTE`)."""

    async def unsilence(self, channel: str) -> None:
        """Undo `silence`, and forget the note."""

    async def mute(self, leg: str, *, on: bool) -> None:
        """Nobody hears what this leg says, whatever it is moved to; it hears everything. Kept there (`MUTED`)."""

    async def send_keys(self, leg: str, digits: str) -> None:
        """As if these keys were pressed on this leg's phone: whoever is in a bridge with it gets them (RFC 4733)."""

    async def lift(self, leg: str) -> None:
        """Ask a phone that rings to answer by itself. Many do not, and nothing says so."""

    async def variable(self, channel: str, name: str) -> str:
        """A variable of the channel, "" when it is not set."""

    async def to_daemon(self, customer: str) -> None:
        """Send the customer back into the dialplan, which asks us over FastAGI (`/transfer`) what comes next."""

    async def to_number(self, customer: str, permit: Permit) -> None:
        """Dial an external number over the trunk and connect the customer to it."""

    async def take_over(self, leg: str, customer: str) -> None:
        """Bridge a leg that is already up (a spying supervisor) with the customer, out of whatever they are in."""

    async def consult(self, agent_leg: str, customer: str) -> None:
        """The leg hears ringing, and the customer, whom it has now, music; a `customer` of "" is on hold already."""

    async def not_reached(self, agent_leg: str) -> None:
        """After `consult`: the leg hears busy for a moment and waits in silence."""

    async def to_party(self, agent_leg: str, customer: str) -> None:
        """The leg joins the customer's room; the `customer`, whom it has now ("" for on hold already), hears music."""

    async def to_conference(self, customer: str, agent_leg: str) -> None:
        """The customer joins their room, and with them the `agent_leg`, unless it is "" (in there already)."""

    async def on_hold(self, customer: str, holder: str) -> None:
        """The customer hears music until somebody fetches them; when the leg `holder` is gone we are asked."""

    async def spy_on(self, leg: str, target: str) -> None:
        """A supervisor's leg that listens to another one listens to `target` from now on (`SpyStarted` again)."""

    async def spy_mode(self, leg: str, mode: SpyMode) -> None:
        """Switch a leg that runs ChanSpy between listen, whisper and barge."""
