"""The hotline of `skills_case` as an expert would build it with app_queue alone.

One queue for each kind of call. Its members are exactly the agents who may take such a call, each with a penalty that
is what their levels lack of the highest ones, so that the best of the idle agents are rung first; `leastrecent` among
equals. An agent is in several queues, with `shared_lastcall` and no second call (`ringinuse=no`). Nothing is announced,
and callers look for an agent as often as they can (`autofill`, `retry = 1`).

Which kind goes first can be said in two ways, and agents of two languages can be left alone for a while or not: these
are the configurations. What each answered within the target is in docs/figures.md; the bench takes the best.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.bench.skills_case import KINDS, Kind, Worker, may

LEVELS = 20
"""The most that the levels of the two skills of a kind add up to."""
PEER = "510"
"""What callers dial: this and the place of the kind."""

_QUEUE = """
[{name}]
strategy = leastrecent
musicclass = default
timeout = 20
retry = 1
wrapuptime = 0
ringinuse = no
autofill = yes
weight = {weight}
announce-frequency = 0
announce-holdtime = no
announce-position = no
periodic-announce-frequency = 0
memberdelay = 0
reportholdtime = no
timeoutrestart = no
joinempty = yes
leavewhenempty = no
{members}
"""


@dataclass(frozen=True, slots=True)
class Configuration:
    """`weights`: kinds with a higher priority go first. `longest`: an agent takes who waits longest of all his queues.

    `reserve`: for the first second only the members whose levels are as wished for (queuerules.conf).
    """

    weights: bool = False
    longest: bool = False
    reserve: bool = False


CONFIGURATIONS: Mapping[str, Configuration] = {
    "penalties": Configuration(),
    "weights": Configuration(weights=True),
    "longest": Configuration(longest=True),
    "reserve": Configuration(weights=True, reserve=True),
}


def penalty(worker: Worker, kind: Kind) -> int:
    return LEVELS - sum(worker.skills[skill] for skill in kind.skills)


def files(chosen: Configuration, workers: Iterable[Worker]) -> dict[str, str]:
    """What is added to which file, see `tests.bench.stage.open_stage`."""
    workers = tuple(workers)
    added = {
        "templates/queues.conf": _queues(chosen, workers),
        "dialplan/skills.conf": "; One queue for each kind of call.\n[ld-site]\n"
        + "".join(_extension(place, kind, chosen, workers) for place, kind in enumerate(KINDS)),
    }
    if chosen.reserve:
        added["templates/queuerules.conf"] = f"[everybody]\npenaltychange => 1,{LEVELS},0\n"
    return added


def _queues(chosen: Configuration, workers: Iterable[Worker]) -> str:
    general = "\n[general](+)\nforce_longest_waiting_caller = yes\n" if chosen.longest else ""
    return general + "".join(
        _QUEUE.format(
            name=kind.name,
            weight=kind.priority if chosen.weights else 0,
            members="\n".join(
                f"member => PJSIP/d{worker.agent_id},{penalty(worker, kind)},{worker.agent_id},PJSIP/d{worker.agent_id}"
                for worker in workers
                if may(worker, kind)
            ),
        )
        for kind in KINDS
    )


def _extension(place: int, kind: Kind, chosen: Configuration, workers: Iterable[Worker]) -> str:
    reserved = chosen.reserve and bool(kind.wished)
    most = wished_penalty(kind, workers)
    limit = f" same => n,Set(QUEUE_MAX_PENALTY={most})\n" if reserved else ""
    rule = f"{',' * 7}everybody" if reserved else ""
    return f"exten => {PEER}{place},1,Answer()\n{limit} same => n,Queue({kind.name}{rule})\n same => n,Hangup()\n"


def wished_penalty(kind: Kind, workers: Iterable[Worker]) -> int:
    """The highest penalty of those whose levels are as wished for."""
    wished = {**kind.skills, **kind.wished}
    return max(
        penalty(worker, kind)
        for worker in workers
        if all(worker.skills.get(skill, 0) >= level for skill, level in wished.items())
    )
