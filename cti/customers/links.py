"""Addresses of other systems, opened from the customer's card. Pure: what a template may be.

`https://crm.example/find?phone={number}&who={extra.member_id}`: the placeholders stand behind the host, and their
values are percent-encoded where they are filled in (the page's `src/customer/links.ts`), so that no customer's name can
change where a link leads to.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import urlsplit

PLACEHOLDERS: Final = ("number", "customer_id", "name", "interaction_id")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_EXTRA: Final = "extra."


def problems(url: str, codes: Collection[str]) -> Iterator[str]:
    """One sentence for each defect; `codes` are those of the configured fields."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        yield f"{url!r} is no address: {error}"
        return
    if parts.scheme not in {"http", "https"}:
        yield f"a link begins with http:// or https://, this one is {url!r}"
    elif not host or "{" in parts.netloc or "}" in parts.netloc:
        yield f"the host of {url!r} must be written out: no customer's name must decide where a link leads to"
    yield from _placeholders(url, codes)


def _placeholders(url: str, codes: Collection[str]) -> Iterator[str]:
    known = [*PLACEHOLDERS, *(_EXTRA + code for code in codes)]
    for name in _BRACES.findall(url):
        if name not in known:
            yield f"unknown placeholder {{{name}}}; there are: {', '.join(f'{{{one}}}' for one in known)}"
    if set("{}") & set(_BRACES.sub("", url)):
        yield f"{url!r} has a brace without its other half"
