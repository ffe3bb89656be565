"""Which number may we call back? Asked of a caller who waits, and whom an agent may fetch from here at any moment."""

from collections.abc import Callable

from cti.customers.numbers import canonical, pretty
from cti.ivr.actions import ALL_DIGITS
from cti.ivr.line import AgiLine
from cti.ivr.spoken import digits

YES, OTHER, END = "1", "2", "#"
TRIES = 3
ANSWER_S = 6.0
"""How long a caller may think before each key."""
LONGEST_NUMBER = 20

PROMPTS = (
    "callback_your_number",
    "callback_confirm",
    "callback_enter_number",
    "callback_invalid_number",
    "callback_stay",
    "callback_promised",
    "callback_place_kept",
)
"""All that is said about callbacks beside the digits; each language's `prompts.yaml` has them."""


async def agreed_number(line: AgiLine, own: str, *, region: str, may_dial: Callable[[str], bool]) -> str | None:
    """A canonical number that the caller has confirmed, None for none. `own`: the caller's, "" when it was withheld.

    Raises HungUp when the caller has gone, or is with an agent.
    """
    if may_dial(own):
        answer = await _confirmed(line, own, region)
        if answer != OTHER:
            return own if answer == YES else None
    for _ in range(TRIES):
        number = canonical(await _typed(line), region)
        if not may_dial(number):
            await line.play(("callback_invalid_number",), "")
        elif await _confirmed(line, number, region) == YES:
            return number
    return None


async def _confirmed(line: AgiLine, number: str, region: str) -> str:
    """The key that was pressed for it: YES, OTHER, or "" for neither."""
    said = ("callback_your_number", *digits(pretty(number, region)), "callback_confirm")
    for _ in range(TRIES):
        pressed = (await line.play(said, YES + OTHER))[-1:] or await line.wait_for_digit(ANSWER_S)
        if pressed in (YES, OTHER):
            return pressed
    return ""


async def _typed(line: AgiLine) -> str:
    """What was typed up to the pound key, or until nothing more came."""
    number = ""
    key = (await line.play(("callback_enter_number",), ALL_DIGITS))[-1:] or await line.wait_for_digit(ANSWER_S)
    while key and key != END and len(number) < LONGEST_NUMBER:
        number += key
        key = await line.wait_for_digit(ANSWER_S)
    return number
