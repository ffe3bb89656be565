"""Why a caller waits and why an offer went where it went, as it is kept with the interaction: codes, not sentences.

Made from what the distributor says (`cti/acd/reasons.py`) and what it shows of itself; sentences are made when somebody
reads (`cti/reports/explaining.py`), in the reader's language. Plain data on the way: facts and the store know no more
of it than that it is JSON.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, Literal

import msgspec

from cti.acd.reasons import Candidate, OfferReasons, WaitReasons
from cti.acd.views import AgentView, InteractionView
from cti.agents.agent import AgentProfile
from cti.agents.state import AgentState

CANDIDATES_KEPT: Final = 10
"""So many candidates of a wait are stored; who looks at a waiting caller sees all that the distributor lists."""

Code = Literal["held", "branch", "node", "door", "skill", "state", "unreachable", "resting", "behind", "other"]
Verdict = Literal["held", "nobody", "occupied", "offered", "over"]


class Rejection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why not this agent. `subject`: the agent who is waited for or comes first, the branch, the skill or the state.

    `has` and `needs` are levels, `reason` that of NOT_READY, `interaction_id` what a busy agent has, `said` the
    distributor's own words.
    """

    code: Code
    subject: str = ""
    has: int = 0
    needs: int = 0
    reason: str = ""
    interaction_id: str = ""
    said: str = ""


class KeptCandidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`rank` is as `cti/acd/choice.py` says (null for minus infinity). Without a rejection: has it, or could now."""

    agent_id: str
    rank: tuple[Any, ...] = ()
    rejection: Rejection | None = None


class KeptOffer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`chosen_by` is the queue's choice, "preferred" or "picked_up"; `choice` always the queue's, to read the ranks."""

    offer_id: str
    agent_id: str
    at: float
    queue: str = ""
    choice: str = ""
    chosen_by: str = ""
    points: float = 0.0
    doors: tuple[str, ...] = ()
    skills: Mapping[str, int] = {}
    candidates: tuple[KeptCandidate, ...] = ()
    idle: int = 0
    fitting: int = 0


class KeptWait(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`fitting`: how many of the candidates that were looked at might have it; `said` is the distributor's verdict."""

    at: float
    verdict: Verdict
    said: str = ""
    queue: str = ""
    choice: str = ""
    points: float = 0.0
    ahead: int = 0
    doors: tuple[str, ...] = ()
    skills: Mapping[str, int] = {}
    held_for: str = ""
    next_change: float | None = None
    candidates: tuple[KeptCandidate, ...] = ()
    fitting: int = 0
    left_off: int = 0


def plain(kept: KeptOffer | KeptWait) -> dict[str, Any]:
    """As it travels in a fact."""
    built: dict[str, Any] = msgspec.to_builtins(kept)
    return built


def offer_of(data: Any) -> KeptOffer | None:
    """None for data of an offer that was not explained, or that another version of us wrote."""
    try:
        return msgspec.convert(data, KeptOffer)
    except msgspec.ValidationError:
        return None


def wait_of(data: Any) -> KeptWait | None:
    """Likewise."""
    try:
        return msgspec.convert(data, KeptWait)
    except msgspec.ValidationError:
        return None


def kept_offer(why: OfferReasons, *, queue: str, choice: str) -> KeptOffer:
    return KeptOffer(
        offer_id=why.offer_id,
        agent_id=why.agent_id,
        at=why.at,
        queue=queue,
        choice=choice,
        chosen_by=why.chosen_by,
        points=why.points,
        doors=why.doors,
        skills=dict(why.skills),
        candidates=tuple(_ranked(candidate, why.agent_id) for candidate in why.candidates),
        idle=why.idle,
        fitting=why.fitting,
    )


def _ranked(candidate: Candidate, chosen: str) -> KeptCandidate:
    rejection = Rejection(code="behind", subject=chosen, said=candidate.rejected) if candidate.rejected else None
    return KeptCandidate(agent_id=candidate.agent_id, rank=_finite(candidate.rank), rejection=rejection)


def kept_wait(
    why: WaitReasons,
    waits: InteractionView,
    *,
    choice: str,
    agent: Callable[[str], AgentView],
    at: float,
    most: int = CANDIDATES_KEPT,
) -> KeptWait:
    """`agent` shows one of the candidates, who are all signed in."""
    shown = why.candidates[:most]
    fitting = sum(candidate.rank != () for candidate in why.candidates)
    return KeptWait(
        at=at,
        verdict=_verdict(waits, why.held_for, fitting),
        said=why.verdict,
        queue=waits.queue,
        choice=choice,
        points=why.points,
        ahead=why.ahead,
        doors=why.doors,
        skills=dict(why.skills),
        held_for=why.held_for,
        next_change=why.next_change,
        candidates=tuple(_judged(candidate, why, waits, agent(candidate.agent_id)) for candidate in shown),
        fitting=fitting,
        left_off=why.left_off + len(why.candidates) - len(shown),
    )


def _verdict(waits: InteractionView, held_for: str, fitting: int) -> Verdict:
    match waits.state:
        case "queued":
            return "held" if held_for else "occupied" if fitting else "nobody"
        case "offered":
            return "offered"
        case _:
            return "over"


def _finite(rank: tuple[Any, ...]) -> tuple[Any, ...]:
    """Infinity is no JSON; a sum is finite only if all of it is."""
    if isfinite(sum(rank)):
        return rank
    return tuple(None if isinstance(one, float) and not isfinite(one) else one for one in rank)


def _judged(candidate: Candidate, why: WaitReasons, waits: InteractionView, agent: AgentView) -> KeptCandidate:
    misfit = _misfit(agent.profile, why, waits) if candidate.rank == () else _absence(agent)
    rejection = None
    if misfit is not None:
        rejection = msgspec.structs.replace(misfit, said=candidate.rejected)
    elif candidate.rejected:
        rejection = Rejection(code="other", said=candidate.rejected)
    return KeptCandidate(agent_id=candidate.agent_id, rank=_finite(candidate.rank), rejection=rejection)


def _misfit(profile: AgentProfile, why: WaitReasons, waits: InteractionView) -> Rejection | None:
    """In the order of `cti.acd.need.Need.misfit`."""
    if waits.node and waits.node not in profile.nodes:
        return Rejection(code="node", subject=waits.node)
    if why.held_for and profile.agent_id != why.held_for:
        return Rejection(code="held", subject=why.held_for)
    if waits.branch_only and profile.branch != waits.branch:
        return Rejection(code="branch", subject=waits.branch)
    if profile.doors.isdisjoint(why.doors):
        return Rejection(code="door")
    for skill, level in why.skills:
        if (has := profile.skills.get(skill, 0)) < level:
            return Rejection(code="skill", subject=skill, has=has, needs=level)
    return None


def _absence(agent: AgentView) -> Rejection | None:
    if agent.state is not AgentState.READY:
        return Rejection(
            code="state", subject=agent.state.value, reason=agent.reason, interaction_id=agent.interaction_id
        )
    match agent.blocked:
        case "":
            return None
        case "unreachable":
            return Rejection(code="unreachable")
        case "resting":
            return Rejection(code="resting")
        case _:
            return Rejection(code="other")
