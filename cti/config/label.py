"""Words that people read on screens, in both of their languages."""

from typing import Annotated, Literal

from pydantic import AfterValidator

_LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")


def _in_both(label: dict[Literal["zh", "en"], str]) -> dict[Literal["zh", "en"], str]:
    lacking = [language for language in _LANGUAGES if not label.get(language, "").strip()]
    if lacking:
        raise ValueError(f"expected words in zh and en, there are none in {' and '.join(lacking)}")
    return label


Text = Annotated[dict[Literal["zh", "en"], str], AfterValidator(_in_both)]
"""A screen that is switched to the other language must not show an empty place."""
