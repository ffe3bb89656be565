"""`laidian explain`: why a call went where it went, printed for a person or as JSON."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cti.daemon.control import ask
from cti.errors import NotConnected, Unusable
from cti.reports.explaining import Language, duration
from cti.settings import Settings
from cti.site.explain import Explanations, Nobody
from cti.site.site import names
from cti.store.database import Database, make_engine
from cti.store.interactions import InteractionRepository
from cti.store.users import look_at_users
from cti.web.explained import CandidateView, Explanation, OfferExplanation, VisitExplanation, WaitExplanation

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "position": ("排在第 {n} 位", "position {n}"),
    "estimate": ("预计还要等 {t}", "about {t} to wait"),
    "points": ("积分 {n:g}", "{n:g} points"),
    "asks": ("要求 {what}", "asks for {what}"),
    "change": ("{t}后放宽要求", "asks for less in {t}"),
    "ahead": ("前面第 {n} 位 {who}：已等 {t}，积分 {points:g}", "ahead, {n}: {who} has waited {t}, {points:g} points"),
    "left_off": ("另有 {n} 位未列出", "{n} more are not listed"),
    "agent": ("坐席", "agent"),
    "score": ("排序依据", "score"),
    "why": ("原因", "why"),
    "chosen": ("选中", "chosen"),
    "offer": (
        "{at} 为 {who} 振铃：{by}；空闲且符合 {idle} 位，符合要求共 {fitting} 位；{end}",
        "{at} offered to {who}: {by}; {idle} idle of {fitting} who fit; {end}",
    ),
    "unexplained": ("没有记录原因", "no reasons were kept"),
    "visit": ("{at} 起在 {queue} 排队：{end}", "{at} waited in {queue}: {end}"),
    "going_on": ("进行中", "going on"),
    "never": ("没有排过队，也没有振铃。", "It never waited for an agent."),
    "books": ("（守护进程没有运行，以下是保存的记录）", "(no daemon runs here; this is what was kept)"),
}


def _say(key: str, language: Language, **values: object) -> str:
    return _WORDS[key][language == "en"].format(**values)


async def explain(settings: Settings, interaction_id: str) -> tuple[Explanation, bool]:
    """What the daemon that runs here says, or (False) what is in its books when none does.

    Raises NotFound, or CtiError of the same text; Unusable when there is neither a daemon nor a database.
    """
    try:
        told = await ask(settings.path(settings.control_socket), "GET", f"/explain/{quote(interaction_id, safe='')}")
    except Unusable as nobody:
        try:
            return await _read(settings, interaction_id), False
        except NotConnected as error:
            raise Unusable(f"{nobody}, and {error}") from None
    return msgspec.convert(told, Explanation), True


async def _read(settings: Settings, interaction_id: str) -> Explanation:
    people = {user.login: user.name for user in await look_at_users(settings.database_url)}
    database = Database(make_engine(settings.database_url))
    try:
        known = names(settings, people)
        return await Explanations(Nobody(), InteractionRepository(database), lambda: known).explain(interaction_id)
    finally:
        await database.close()


def show(told: Explanation, console: Console, *, language: Language, zone: ZoneInfo, live: bool) -> None:
    if not live:
        console.print(_say("books", language))
    for part in _parts(told, language, zone):
        console.print(part)


def _parts(told: Explanation, language: Language, zone: ZoneInfo) -> Iterator[RenderableType]:
    if told.wait is not None:
        yield from _now(told, told.wait, language)
    for offer in told.offers:
        yield from _offer(offer, language, zone)
    for visit in told.visits:
        yield from _visit(visit, language, zone)
    if told.wait is None and not told.offers and not told.visits:
        yield _say("never", language)


def _now(told: Explanation, wait: WaitExplanation, language: Language) -> Iterator[RenderableType]:
    facts = [_say("position", language, n=told.position), _say("points", language, n=wait.points)]
    if told.estimate_s is not None:
        facts.append(_say("estimate", language, t=duration(told.estimate_s, language)))
    yield Text(wait.verdict[language], style="bold")
    yield from _asked(wait, facts, told.at, language)
    for one in told.ahead:
        waited = duration(told.at - one.queued_at, language)
        yield _say("ahead", language, n=one.position, who=one.interaction_id, t=waited, points=one.points)
    yield from _table(wait.candidates, wait.left_off, language)


def _asked(wait: WaitExplanation, facts: list[str], now: float, language: Language) -> Iterator[RenderableType]:
    what = [*(door[language] for door in wait.doors), *(f"{skill} {level}" for skill, level in wait.skills.items())]
    if what:
        facts = [*facts, _say("asks", language, what=", ".join(what))]
    if wait.next_change is not None and wait.next_change > now:
        facts = [*facts, _say("change", language, t=duration(wait.next_change - now, language))]
    yield ("；" if language == "zh" else "; ").join(facts)


def _table(candidates: Iterable[CandidateView], left_off: int, language: Language) -> Iterator[RenderableType]:
    table = Table(box=box.SIMPLE, *(_say(head, language) for head in ("agent", "score", "why")))  # noqa: B026 - headers
    for one in candidates:
        why = _say("chosen", language) if one.chosen else one.rejection[language]
        name = one.agent_id if one.agent_name == one.agent_id else f"{one.agent_name} ({one.agent_id})"
        table.add_row(Text(name), Text(one.score[language]), Text(why, style="bold" if one.chosen else ""))
    if table.row_count:
        yield table
    if left_off > 0:
        yield _say("left_off", language, n=left_off)


def _offer(offer: OfferExplanation, language: Language, zone: ZoneInfo) -> Iterator[RenderableType]:
    by = offer.chosen_by[language] if offer.chosen_by else _say("unexplained", language)
    yield Text(
        _say(
            "offer",
            language,
            at=_clock(offer.made_at, zone),
            who=offer.agent_name,
            by=by,
            idle=offer.idle,
            fitting=offer.fitting,
            end=offer.end or _say("going_on", language),
        ),
        style="bold",
    )
    yield from _table(offer.candidates, 0, language)


def _visit(visit: VisitExplanation, language: Language, zone: ZoneInfo) -> Iterator[RenderableType]:
    end = visit.outcome or _say("going_on", language)
    yield Text(_say("visit", language, at=_clock(visit.queued_at, zone), queue=visit.queue, end=end), style="bold")
    if visit.wait is not None:
        facts = [f"{_clock(visit.wait.at, zone)} {visit.wait.verdict[language]}"]
        yield from _asked(visit.wait, facts, visit.wait.at, language)
        yield from _table(visit.wait.candidates, visit.wait.left_off, language)


def _clock(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%m-%d %H:%M:%S}"
