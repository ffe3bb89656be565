"""Sentences for people out of what is kept (`cti/reports/kept.py`): each in Chinese and in English."""

from collections.abc import Mapping
from math import isfinite
from typing import Final, Literal

import msgspec

from cti.acd.load import occupancy
from cti.reports.kept import KeptCandidate, KeptOffer, KeptWait, Rejection

Text = dict[str, str]
"""{"zh": ..., "en": ...}"""
Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "offered": ("正在为其他来电振铃", "is being rung for another call"),
    "busy": ("正在通话", "is in a conversation"),
    "wrap_up": ("正在整理", "is wrapping up"),
    "not_ready": ("示忙", "is not ready"),
    "logged_out": ("未签入", "is not signed in"),
}
_REJECTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "held": ("这位客户在等 {who}", "the caller waits for {who}"),
    "branch": ("现在只等 {what} 的坐席", "the caller waits for an agent of {what}"),
    "node": ("话机不在电话系统 {what} 上", "has no phone on {what}"),
    "skill": ("技能 {what} 只有 {has} 级，需要 {needs} 级", "skill {what} is {has}, {needs} is needed"),
    "no_skill": ("没有技能 {what}，需要 {needs} 级", "lacks skill {what}, level {needs} is needed"),
    "unreachable": ("电话未注册，无法振铃", "the phone cannot be reached"),
    "resting": ("刚错过一次振铃，正在休息", "is resting after an offer that was missed"),
    "behind": ("排在 {who} 之后", "comes after {who}"),
    "other": ("{said}", "{said}"),
}
_CHOICES: Final[Mapping[str, tuple[str, str]]] = {
    "longest_idle": ("空闲最久者优先", "longest idle first"),
    "least_occupied": ("占用率最低者优先", "least occupied first"),
    "fewest_handled": ("接听最少者优先", "fewest handled first"),
    "round_robin": ("轮流分配", "round robin"),
    "highest_skill": ("技能最高者优先", "highest skill first"),
    "weighted_random": ("按权重随机", "drawn by weight"),
    "linear": ("按固定顺序", "in a fixed order"),
    "ring_all": ("同时振铃", "all are rung at once"),
    "preferred": ("客户的专属坐席", "the customer's preferred agent"),
    "picked_up": ("由该坐席主动接取", "picked up by this agent on purpose"),
}


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What people call things: agent id -> name, queue -> label, code of a NOT_READY reason -> label."""

    agents: Mapping[str, str] = {}
    queues: Mapping[str, Mapping[str, str]] = {}
    reasons: Mapping[str, Mapping[str, str]] = {}

    def agent(self, agent_id: str) -> str:
        return self.agents.get(agent_id) or agent_id

    def queue(self, name: str, language: Language) -> str:
        return self.queues.get(name, {}).get(language) or name

    def reason(self, code: str, language: Language) -> str:
        return self.reasons.get(code, {}).get(language) or code

    def door(self, door: str, language: Language) -> str:
        """A door as `cti.acd.need.Need` has it, "queue:x" or "group:x", as a person says it."""
        kind, _, name = door.partition(":")
        if kind == "queue":
            label = self.queue(name, language)
            return f"{label}队列" if language == "zh" else f"queue {label}"
        if kind == "group":
            return f"{name}组" if language == "zh" else f"group {name}"
        return self.agent(name)


def both(zh: str, en: str) -> Text:
    return {"zh": zh, "en": en}


def verdict(kept: KeptWait, names: Names) -> Text:
    """Why the caller has no agent yet, in one sentence."""
    match kept.verdict:
        case "held":
            who = names.agent(kept.held_for)
            return both(f"在等待坐席 {who}", f"Waits for {who}")
        case "nobody":
            return both("已签入的坐席中没有人符合要求", "No agent who is signed in fits")
        case "occupied":
            if kept.fitting == 1:
                return both("唯一符合要求的坐席现在不空闲", "The one agent who fits is occupied")
            return both(f"符合要求的 {kept.fitting} 位坐席都不空闲", f"All {kept.fitting} agents who fit are occupied")
        case "offered":
            return both("正在为这位客户振铃", "An agent's phone is ringing for this caller")
        case "over":
            return both("已不在等待", "Waits no more")


def rejection(kept: Rejection | None, names: Names, doors: tuple[str, ...] = ()) -> Text:
    """Why not this agent; for nobody's rejection that this agent has it, or may. `doors` are those that were asked."""
    if kept is None:
        return both("可以接听", "may have it")
    if kept.code == "state":
        return _state(kept, names)
    if kept.code == "door":
        asked = {language: [names.door(door, language) for door in doors] for language in LANGUAGES}
        return both(f"不在{'或'.join(asked['zh'])}", f"not in {' or '.join(asked['en'])}")
    zh, en = _REJECTIONS["no_skill" if kept.code == "skill" and not kept.has else kept.code]
    values = {"who": names.agent(kept.subject), "what": kept.subject, "has": kept.has, "needs": kept.needs}
    return both(zh.format(said=kept.said, **values), en.format(said=kept.said, **values))


def _state(kept: Rejection, names: Names) -> Text:
    zh, en = _STATES.get(kept.subject, (kept.subject, kept.subject))
    if kept.subject == "not_ready" and kept.reason:
        zh, en = f"{zh}（{names.reason(kept.reason, 'zh')}）", f"{en} ({names.reason(kept.reason, 'en')})"
    if kept.interaction_id:
        zh, en = f"{zh} {kept.interaction_id}", f"{en}: {kept.interaction_id}"
    return both(zh, en)


def choice(name: str) -> Text:
    """How a queue chooses among the idle agents."""
    return both(*_CHOICES.get(name, (name, name)))


def score(candidate: KeptCandidate, kept: KeptOffer | KeptWait) -> Text:
    """What an idle agent's rank says; nothing for one who has none, or whose clock stands still while working."""
    rejected = candidate.rejection
    if not candidate.rank or (rejected is not None and rejected.code == "state"):
        return both("", "")
    ring, away, tier, *key = candidate.rank
    parts = [_said(kept.choice, [0.0 if one is None else one for one in key], kept.at)] if key else []
    if tier or kept.choice == "linear":
        parts.insert(0, both(f"第 {tier} 层", f"tier {tier}"))
    if away:
        parts.insert(0, both("其他分店", "another branch"))
    if ring:
        parts.insert(0, both(f"放宽后加入（第 {ring} 圈）", f"added by relaxation (ring {ring})"))
    return both("，".join(part["zh"] for part in parts), ", ".join(part["en"] for part in parts))


def _said(name: str, key: list[float], at: float) -> Text:
    idle = both(f"空闲 {duration(at - key[-1], 'zh')}", f"idle {duration(at - key[-1], 'en')}")
    match name:
        case "least_occupied":
            share = occupancy(key[0], at) if isfinite(key[0]) and key[0] else 0.0
            first = both(f"占用率 {share:.0%}", f"{share:.0%} occupied")
        case "fewest_handled":
            first = both(f"已接 {key[0]:.0f} 个", f"{key[0]:.0f} handled")
        case "round_robin":
            first = both(f"上次轮到：{key[0]:.0f}", f"last turn {key[0]:.0f}")
        case "highest_skill":
            first = both(f"技能合计 {-key[0]:.0f}", f"skills {-key[0]:.0f}")
        case "weighted_random":
            return both(f"抽签 {key[0]:.3f}", f"lot {key[0]:.3f}")
        case _:
            return idle
    return both(f"{first['zh']}，{idle['zh']}", f"{first['en']}, {idle['en']}")


def duration(seconds: float, language: Language) -> str:
    """Rounded as people say it: "35 s", "4 min", "2 h"."""
    spent = max(0.0, seconds)
    for most, unit, zh, en in ((90, 1, "秒", "s"), (5400, 60, "分钟", "min"), (172_800, 3600, "小时", "h")):
        if spent < most:
            return f"{spent / unit:.0f} {zh if language == 'zh' else en}"
    return f"{spent / 86_400:.0f} {'天' if language == 'zh' else 'd'}"
