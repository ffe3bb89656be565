"""Walks one caller through a flow on a real line. The logic is in `FlowRun`; here are the waits and their deadlines."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from cti.ivr.actions import (
    ALL_DIGITS,
    Action,
    Answer,
    ChooseLanguage,
    Ending,
    Entry,
    Lookup,
    LookupAnswer,
    Passed,
    Play,
    ReadDigits,
)
from cti.ivr.flow import FlowRun
from cti.ivr.lookups import Lookups
from cti.ivr.steps.lookup import FAILED

LOOKUP_DEADLINE_S = 4.0

log = structlog.get_logger()


class Line(Protocol):
    """The caller's ear and keys. Every method raises `cti.errors.HungUp` once the caller is gone."""

    async def play(self, prompts: tuple[str, ...], interrupt_digits: str) -> str:
        """Say them in the line's language until a key of `interrupt_digits`; returns all keys pressed meanwhile."""

    async def wait_for_digit(self, timeout_s: float) -> str:
        """The next key, "" after `timeout_s`. A key pressed between two commands is not lost."""

    async def choose_language(self, language: str) -> None:
        """Speak this language from here on."""


async def _ignore_step(_passed: Passed) -> None:
    pass


async def _ignore_language(_language: str) -> None:
    pass


async def run_flow(
    run: FlowRun,
    line: Line,
    *,
    lookups: Lookups,
    on_step: Callable[[Passed], Awaitable[None]] = _ignore_step,
    on_language: Callable[[str], Awaitable[None]] = _ignore_language,
    clock: Callable[[], float] = time.time,
) -> Ending:
    """Until the flow ends; the ending is for the caller of this function to carry out.

    `on_step` is awaited for each step as soon as the caller has left it, `on_language` for each chosen language.
    Raises what the line raises: `HungUp` when the caller is gone; the steps passed until then have been reported.
    """
    await line.choose_language(run.language)
    reported = 0
    action = run.begin(clock())
    while True:
        for passed in run.path[reported:]:
            await on_step(passed)
        reported = len(run.path)
        if isinstance(action, Ending):
            return action
        if isinstance(action, ChooseLanguage):
            await on_language(action.language)
        action = run.proceed(await _do(action, line, lookups), clock())


async def _do(action: Action, line: Line, lookups: Lookups) -> Answer:
    match action:
        case Play(prompts, interrupt_digits):
            return await line.play(prompts, interrupt_digits)
        case ReadDigits():
            return await read_digits(action, line)
        case ChooseLanguage(language):
            await line.choose_language(language)
        case Lookup():
            return await _look_up(action, lookups)
    return None


async def read_digits(want: ReadDigits, line: Line) -> str:
    """Play and read as `ReadDigits` says; "" when nothing was pressed."""
    entry = Entry(want)
    if want.prompts and not want.typed and (digit := await line.play(want.prompts, ALL_DIGITS)):
        entry.press(digit)
    while not entry.done:
        digit = await line.wait_for_digit(entry.timeout_s)
        if not digit:
            break
        entry.press(digit)
    return entry.digits


async def _look_up(want: Lookup, lookups: Lookups) -> LookupAnswer:
    try:
        async with asyncio.timeout(LOOKUP_DEADLINE_S):
            return await lookups.look_up(want.name, want.arguments)
    except TimeoutError:
        log.warning("lookup was too slow", lookup=want.name, deadline_s=LOOKUP_DEADLINE_S)
    except Exception:
        # a defect of a connector must not cost the caller the call
        log.exception("lookup failed", lookup=want.name)
    return LookupAnswer(FAILED)
