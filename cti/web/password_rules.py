"""Which new passwords are taken: long ones that nobody guesses first. Pure.

No rules of composition, as NIST SP 800-63B advises.
"""

import string
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from cti.web.common_passwords import COMMON, ROWS

Weakness = Literal["too_short", "common", "own_name", "monotonous", "same"]

SENTENCES: Final[dict[Weakness, str]] = {
    "too_short": "the password needs at least {least} characters",
    "common": "this password is among those that are tried first",
    "own_name": "a password must not consist of a login, a name or the name of this site",
    "monotonous": "a password of few different characters or of a row of keys is guessed at once",
    "same": "the new password is the old one",
}

_FEW: Final = 4
_DIGITS: Final = string.digits
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_LONGEST_REST: Final = 4


class PasswordRules(msgspec.Struct, frozen=True, kw_only=True):
    """`refused`: words of this site, as its company's name."""

    min_length: int = 12
    refused: tuple[str, ...] = ()


def weakness(password: str, rules: PasswordRules, *, names: Iterable[str] = ()) -> Weakness | None:
    """Why this password is not taken, None when it is. `names`: the person's login and name."""
    if len(password) < rules.min_length:
        return "too_short"
    folded = password.casefold()
    if len(set(folded)) <= _FEW or _is_row(folded):
        return "monotonous"
    cores = {_core(folded), _core(folded.translate(_LEET))} - {""}
    if any(_consists_of(core, COMMON) for core in cores):
        return "common"
    own = {_letters(part) for name in (*names, *rules.refused) for part in (name, *name.split())} - {""}
    return "own_name" if any(_consists_of(core, own) for core in cores) else None


def _core(text: str) -> str:
    """Without the digits and signs that are put around and between words to make them longer."""
    return _letters(text.strip(_DIGITS + string.punctuation + " "))


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _consists_of(core: str, words: Iterable[str]) -> bool:
    """Of one of the words, once or again and again, and hardly anything else."""
    return any(word in core and len(core.replace(word, "")) <= _rest(word) for word in words)


def _rest(word: str) -> int:
    """How many letters beside the word make a password of one's own after all."""
    return _LONGEST_REST if len(word) > _LONGEST_REST else 0


def _is_row(text: str) -> bool:
    """A piece of a row of keys, or of the digits or letters in order, there or back."""
    return any(text in row * 4 or text in row[::-1] * 4 for row in ROWS)
