"""Telephone numbers in canonical form, so that the same caller is found however a trunk writes the number.

Canonical is E.164 ("+8613900000001") for public numbers, the bare digits for internal and short service numbers
("1001", "95588"), lower-case text for a SIP user that is no number ("alice"), and "" for a withheld one.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

WITHHELD = frozenset(
    {"anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "asterisk", "s", "nobody"}
)
"""What trunks, RFC 3323 and Asterisk itself put where a number was withheld."""

_SCHEME = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s()\[\]./\-\u2010-\u2015\u2212\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
_DIGITS = re.compile(r"^\+?[0-9]+$")
_NOT_A_USER = re.compile(r"[^a-z0-9_*#+]")
_LONGEST = 64
_SHORTEST_PUBLIC = 8
"""With the plus: the shortest subscriber numbers in use have seven digits, country code included."""


def country_code(region: str) -> str:
    """How the canonical numbers of a region (ISO 3166) begin: "+86" for "CN"."""
    return f"+{phonenumbers.country_code_for_region(region)}"


@lru_cache(maxsize=8192)
def canonical(raw: str, region: str = "CN") -> str:
    """`region` (ISO 3166) is whose national numbers `raw` may be. Idempotent; never raises."""
    text = _NOT_A_USER.sub("", _bare(raw))[:_LONGEST]
    if text in WITHHELD:
        return ""
    if not _DIGITS.match(text):
        return text
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return text
    # What is not valid stays as it is: numbering plans change faster than libraries, and a number that says that it is
    # international must never be taken for somebody's national one.
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else text


def _bare(raw: str) -> str:
    text = unicodedata.normalize("NFKC", raw).strip().strip('<>"')
    text = _SCHEME.sub("", text).partition("@")[0].partition(";")[0]
    digits = "".join(str(unicodedata.decimal(c, c)) for c in text)
    return _SEPARATORS.sub("", digits).lower()


def is_public(number: str) -> bool:
    """Of a canonical number: it reaches one subscriber of the public network, so it can stand for a customer."""
    return number.startswith("+") and len(number) >= _SHORTEST_PUBLIC


def is_premium(number: str) -> bool:
    """Of a canonical public number: whoever calls it pays more than for the call."""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return False
    return phonenumbers.number_type(parsed) == PhoneNumberType.PREMIUM_RATE


def is_emergency(number: str, region: str) -> bool:
    """Whether somebody comes, or a life may hang on it: police, fire, ambulance of the region."""
    return phonenumbers.is_emergency_number(number, region)


def pretty(number: str, region: str = "CN") -> str:
    """A canonical number as people of `region` read it: national if it is theirs, else international."""
    if not is_public(number):
        return number
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return number
    ours = parsed.country_code == phonenumbers.country_code_for_region(region)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if ours else PhoneNumberFormat.INTERNATIONAL)
