"""What the engine wants done, or says has changed. See `cti/acd/engine.py`; all times are unix seconds."""

from typing import Literal

import msgspec

from cti.agents.state import AgentState
from cti.events import Medium

LeaveReason = Literal["longest_wait", "length", "wait_estimate", "nobody"]
RevokeReason = Literal["rona", "declined", "unreachable", "caller_gone", "revoked", "stale"]


class Decision(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of all."""


class MakeOffer(Decision, frozen=True, kw_only=True):
    """Ring this agent, and no other, for this interaction, until `ring_until` at the latest.

    `offer_id` is "<interaction>-<n>", n from 1, never used twice. `waited_s` is since the customer's wait began.
    `medium` is what the interaction is.
    """

    offer_id: str
    interaction_id: str
    agent_id: str
    queue: str
    ring_until: float
    waited_s: float
    medium: Medium = "voice"


class RevokeOffer(Decision, frozen=True, kw_only=True):
    """The offer is over without a conversation: hang up its leg if there still is one, and nothing else.

    `reason` is an `events.OfferEnd` ("revoked": the agent or the customer was needed elsewhere), or "stale" for an
    answer to an offer that is over already; `agent_id` is "" there, for the engine no longer knows whose it was.
    """

    offer_id: str
    interaction_id: str
    agent_id: str
    reason: RevokeReason


class AgentChanged(Decision, frozen=True, kw_only=True):
    """`until` is when the state ends by itself (ring time, wrap-up), None for never. `since` is when it began.

    `state` equals `previous` when only the reason changed, the wrap-up was extended, or something changed of what else
    the agent has in hand (`views.AgentView.handling`): state, times and interaction are those of the foremost.
    """

    agent_id: str
    state: AgentState
    previous: AgentState
    reason: str
    since: float
    until: float | None
    interaction_id: str


class WaitExpired(Decision, frozen=True, kw_only=True):
    """The interaction no longer waits; `way_out` says what the queue has in store for it (see `limits.WayOut`).

    `why`: it waited its longest, or a limit of the queue was exceeded (`limits.Limit`), perhaps on entering already.
    The floor does what it says, and sends `CallerQueued` if it leads to a queue.
    """

    interaction_id: str
    queue: str
    way_out: str
    why: LeaveReason = "longest_wait"
