"""What a site adds to the customer's card: `customer_fields` and `links` of `config/laidian.yaml`."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from cti.config.file import ConfigModel, Step
from cti.customers.fields import FieldKind
from cti.customers.links import problems

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Label = Annotated[dict[Literal["zh", "en"], str], Field(min_length=1)]


class ChoiceSettings(ConfigModel):
    code: Code
    label: Label


class CustomerFieldSettings(ConfigModel):
    """`choices` belong to the kind choice, `pattern`, which a whole value must match, to the kind text."""

    code: Code
    label: Label
    kind: FieldKind = "text"
    choices: tuple[ChoiceSettings, ...] = ()
    required: bool = False
    pattern: str = ""


class LinkSettings(ConfigModel):
    """`on_answer`: opened by itself when the agent answers, where the browser lets it."""

    label: Label
    url: str
    on_answer: bool = False


Complaint = tuple[str, tuple[Step, ...]]
"""A sentence, and where in the file it is wrong."""


def complaints(fields: Sequence[CustomerFieldSettings], links: Sequence[LinkSettings]) -> Iterator[Complaint]:
    """What the types alone do not say."""
    codes = [field.code for field in fields]
    for n, field in enumerate(fields):
        yield from ((text, ("customer_fields", n, *path)) for text, path in _field(field))
        if field.code in codes[:n]:
            yield f"there is another field {field.code!r} above", ("customer_fields", n, "code")
    for n, link in enumerate(links):
        for text in problems(link.url, codes):
            yield text, ("links", n, "url")


def _field(field: CustomerFieldSettings) -> Iterator[Complaint]:
    codes = [choice.code for choice in field.choices]
    if field.kind == "choice" and not codes:
        yield "a field of the kind choice needs `choices`", ()
    if field.kind != "choice" and codes:
        yield f"`choices` belong to the kind choice, this field is of the kind {field.kind}", ("choices",)
    for n, code in enumerate(codes):
        if code in codes[:n]:
            yield f"there is another choice {code!r} above", ("choices", n, "code")
    if field.pattern and field.kind != "text":
        yield f"`pattern` belongs to the kind text, this field is of the kind {field.kind}", ("pattern",)
    try:
        re.compile(field.pattern)
    except re.error as error:
        yield f"{field.pattern!r} is no regular expression: {error}", ("pattern",)
