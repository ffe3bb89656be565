"""What a round came to: Asterisk's own account of the calls (CDR and events) against the facts in the database.

Three questions, each a share: who talked when a blow fell, and talked on to the end; who waited, and was answered in
the old order with the whole wait counted; and of whose call the database tells everything, and everything once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cti.customers.numbers import canonical
from cti.events import (
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    OfferEnded,
    OfferMade,
    SegmentEnded,
)
from tests.chaos.crowd import SHORT_MS, Caller
from tests.chaos.witness import Heard, Witness
from tests.harness.books import Cdr

F = TypeVar("F", bound=Fact)

EARLY_S = 0.5
"""By how much a talk may seem shorter than the phone's clock has it: it rang and was bridged meanwhile."""
PASSING_S = 0.4
"""Two who are served within so short a time are not one before the other."""
CLOCK_S = 1.5
"""Books and CDR may differ by so much."""


@dataclass(frozen=True, slots=True)
class Blow:
    """What fell on them, from when until everything was there again (unix seconds)."""

    kind: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Share:
    good: int = 0
    of: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.good + other.good, self.of + other.of)

    @property
    def value(self) -> float:
        return self.good / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.good}/{self.of}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`complaints` says what is missing from each share, a sentence each."""

    kept: Share = Share()
    resumed: Share = Share()
    facts: Share = Share()
    complaints: tuple[str, ...] = ()

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.kept + other.kept,
            self.resumed + other.resumed,
            self.facts + other.facts,
            self.complaints + other.complaints,
        )

    @property
    def clean(self) -> bool:
        return not self.complaints and all(one.good == one.of for one in (self.kept, self.resumed, self.facts))

    def __str__(self) -> str:
        told = "".join(f"\n  {one}" for one in self.complaints)
        return f"kept {self.kept}, resumed {self.resumed}, facts {self.facts}{told}"


@dataclass(frozen=True, slots=True)
class Leg:
    """An agent's phone rang for this interaction, by the CDR of the channel that the daemon named after it."""

    interaction: str
    start: float
    end: float


@dataclass(slots=True)
class Case:
    """One caller: the plan, what Asterisk saw, and what the database says."""

    caller: Caller
    heard: list[Heard]
    facts: list[Fact]
    legs: list[Leg] = field(default_factory=list)
    complaints: dict[str, list[str]] = field(default_factory=dict)

    def blame(self, kind: str, text: str) -> None:
        self.complaints.setdefault(kind, []).append(f"{kind}: {self.caller.number}: {text}")

    def of(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if type(fact) is kind]

    @property
    def interaction(self) -> str:
        return next((one.interaction_id for one in self.of(InteractionStarted)), "")

    @property
    def queued_at(self) -> float:
        return next((one.queued_at for one in self.of(InteractionQueued)), 0.0)

    @property
    def talked_at(self) -> float:
        """0 for never."""
        return next((since for one in self.heard for since, _ in one.talks), 0.0)

    def waited_at(self, at: float) -> bool:
        return 0 < self.queued_at < at and (not self.talked_at or at < self.talked_at)


@dataclass(frozen=True, slots=True)
class Account:
    """Of one round: what the database has of it, and what Asterisk itself says."""

    facts: Sequence[Fact]
    witness: Witness
    cdr: Sequence[Cdr]


def judge(callers: Sequence[Caller], account: Account, blows: Sequence[Blow], talk_s: float) -> Verdict:
    cases = _cases(callers, account)
    talked = [case for case in cases if any(one.talks_at(blow.began) for one in case.heard for blow in blows)]
    waited = [case for case in cases if case not in talked and any(case.waited_at(blow.began) for blow in blows)]
    for case in talked:
        _kept(case, talk_s)
    _in_order([case for case in cases if case.queued_at], waited)
    for case in cases:
        _told_once(case, blows)
    stray = _strays(cases, account.facts)
    blamed = [text for case in cases for texts in case.complaints.values() for text in texts]
    return Verdict(
        kept=_share(talked, "talk"),
        resumed=_share(waited, "wait"),
        facts=_share(cases, "facts") + Share(0, len(stray)),
        complaints=(*blamed, *stray),
    )


def judge_outage(callers: Sequence[Caller], facts: Sequence[Fact]) -> Verdict:
    """Of calls that all ended with their Asterisk, which wrote nothing down of them."""
    cases = _cases(callers, Account(facts, Witness(), ()))
    for case in cases:
        for kind in (InteractionStarted, InteractionEnded):
            if (count := len(case.of(kind))) != 1:
                case.blame("facts", f"{count} facts {kind.__name__}")
        if [end.ended_by for end in case.of(InteractionEnded)] != ["outage"]:
            case.blame("facts", f"ended by {[end.ended_by for end in case.of(InteractionEnded)]}")
        if len(case.of(InteractionConnected)) != len(case.of(SegmentEnded)):
            case.blame("facts", "a talk has begun and not ended")
        _offers_end(case)
    blamed = tuple(text for case in cases for texts in case.complaints.values() for text in texts)
    return Verdict(facts=_share(cases, "facts"), complaints=blamed)


def _share(cases: Sequence[Case], kind: str) -> Share:
    return Share(sum(kind not in case.complaints for case in cases), len(cases))


def _cases(callers: Iterable[Caller], account: Account) -> list[Case]:
    by_interaction: dict[str, list[Fact]] = {}
    owner: dict[str, str] = {}
    for fact in account.facts:
        if interaction := getattr(fact, "interaction_id", ""):
            by_interaction.setdefault(interaction, []).append(fact)
        if isinstance(fact, InteractionStarted):
            owner[fact.interaction_id] = fact.customer_number
    legs: dict[str, list[Leg]] = {}
    for line in account.cdr:
        prefix, _, rest = line.uniqueid.partition("-")
        if prefix == "ld":
            interaction = rest.rpartition("-")[0]
            legs.setdefault(interaction, []).append(Leg(interaction, line.start, line.end))
    cases = []
    for caller in callers:
        number = canonical(caller.number, "CN")
        own = [interaction for interaction, whose in owner.items() if whose == number]
        cases.append(
            Case(
                caller,
                account.witness.of(caller.number),
                [fact for interaction in own for fact in by_interaction[interaction]],
                [leg for interaction in own for leg in legs.get(interaction, ())],
            )
        )
    return cases


def _kept(case: Case, talk_s: float) -> None:
    planned = talk_s if case.caller.talks else SHORT_MS / 1000
    talks = [until - since for one in case.heard for since, until in one.talks]
    if len(talks) != 1:
        case.blame("talk", f"was torn into {len(talks)} pieces of {[round(talk, 1) for talk in talks]} s")
    elif talks[0] < planned - EARLY_S:
        case.blame("talk", f"ended after {talks[0]:.1f} s, and was to last {planned:g} s")


def _in_order(line: Sequence[Case], judged: Sequence[Case]) -> None:
    """Nobody's phone rings for a later caller while an earlier one waits and no phone rings for them."""
    for case in judged:
        if not case.talked_at:
            case.blame("wait", "never was answered")
        if len(moments := {fact.queued_at for fact in case.of(InteractionQueued)}) > 1:
            case.blame("wait", f"has waited since {sorted(moments)}")
        for told in case.of(InteractionConnected)[:1]:
            if abs(told.waited_s - (told.at - case.queued_at)) > CLOCK_S:
                case.blame("wait", f"waited {told.at - case.queued_at:.1f} s, and {told.waited_s:.1f} s are counted")
        overtaker = next((later for later in line if _overtakes(later, case)), None)
        if overtaker is not None:
            case.blame("wait", f"was overtaken by {overtaker.caller.number}")


def _overtakes(later: Case, earlier: Case) -> bool:
    return later.queued_at > earlier.queued_at + PASSING_S and any(
        _stands_waiting(earlier, leg.start) for leg in later.legs
    )


def _stands_waiting(case: Case, at: float) -> bool:
    rung = any(leg.start - PASSING_S <= at <= leg.end + PASSING_S for leg in case.legs)
    return case.waited_at(at) and case.queued_at + PASSING_S < at and not rung


ONCE = (InteractionStarted, InteractionQueued, InteractionConnected, SegmentEnded, InteractionEnded)


def _told_once(case: Case, blows: Sequence[Blow]) -> None:
    for kind in ONCE:
        if (count := len(case.of(kind))) != 1:
            case.blame("facts", f"{count} facts {kind.__name__}")
    if doubled := [fact for fact, count in Counter(map(repr, case.facts)).items() if count > 1]:
        case.blame("facts", f"stored twice: {doubled[0][:120]}")
    _offers_end(case)
    if len(case.heard) != 1:
        case.blame("facts", f"Asterisk saw {len(case.heard)} calls")
    else:
        _as_heard(case, case.heard[0], blows)


def _offers_end(case: Case) -> None:
    made = Counter(one.offer_id for one in case.of(OfferMade))
    ended = Counter(one.offer_id for one in case.of(OfferEnded))
    if made != ended or set(made.values()) - {1}:
        case.blame("facts", f"offers {dict(made)} were made, and {dict(ended)} have ended")


def _as_heard(case: Case, heard: Heard, blows: Sequence[Blow]) -> None:
    """The same call, and the same times, as Asterisk has them."""
    if [one.channel for one in case.of(InteractionStarted)] not in ([], [heard.channel]):
        case.blame("facts", f"the books have another channel than {heard.channel}")
    if len(heard.talks) != 1:
        return
    ((since, until),) = heard.talks
    for one in case.of(InteractionConnected):
        if not _about(one.at, since, blows):
            case.blame("facts", f"connected {one.at - since:+.1f} s beside what Asterisk says")
    for end in case.of(InteractionEnded):
        if end.outcome != "handled" or not _about(end.at, until, blows):
            case.blame("facts", f"ended as {end.outcome} {end.at - until:+.1f} s beside what Asterisk says")


def _about(told: float, real: float, blows: Sequence[Blow]) -> bool:
    """What happened while nobody watched may be dated anywhere in that time."""
    unseen = any(
        blow.began - CLOCK_S <= real <= blow.ended + CLOCK_S and blow.began - CLOCK_S <= told <= blow.ended + CLOCK_S
        for blow in blows
    )
    return unseen or abs(told - real) < CLOCK_S


def _strays(cases: Sequence[Case], facts: Sequence[Fact]) -> list[str]:
    """Interactions of nobody who called."""
    ours = {fact.interaction_id for case in cases for fact in case.of(InteractionStarted)}
    begun = {fact.interaction_id for fact in facts if isinstance(fact, InteractionStarted)}
    return [f"facts: an interaction of nobody who called: {interaction}" for interaction in sorted(begun - ours)]
