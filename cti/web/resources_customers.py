"""What the REST API answers and accepts about customers beyond the card: changes, merges, what a site configured."""

from typing import Annotated, Literal

from pydantic import Field

from cti.desk.views import Text
from cti.web.resources import Body, CustomerCard, PageQuery, Resource

FieldKind = Literal["text", "number", "date", "choice", "yes_no"]
Side = Literal["kept", "other"]
ContactKind = Literal["", "inbound", "outbound", "callback", "voicemail", "chat", "email"]


class ChoiceView(Resource, frozen=True, kw_only=True):
    code: str
    label: Text


class CustomerFieldView(Resource, frozen=True, kw_only=True):
    """A field that the site added; its value stands in `CustomerView.extra`. `pattern` is for the whole text."""

    code: str
    label: Text
    kind: FieldKind
    choices: tuple[ChoiceView, ...]
    required: bool
    pattern: str


class LinkView(Resource, frozen=True, kw_only=True):
    """`url` with {number} {customer_id} {name} {interaction_id} {extra.<code>}; `on_answer`: it opens by itself."""

    label: Text
    url: str
    on_answer: bool


class CustomerForm(Resource, frozen=True, kw_only=True):
    """What the site adds to a customer's card."""

    fields: tuple[CustomerFieldView, ...]
    links: tuple[LinkView, ...]


class Changed(Resource, frozen=True, kw_only=True):
    """`detail`: what was changed from what to what, for the audit."""

    card: CustomerCard
    detail: str


class CustomerConflict(Resource, frozen=True, kw_only=True):
    """A problem (409), and what the customer is now. `state` "merged": `current` is whom they were merged into."""

    code: str
    message: str
    field: str
    state: str
    current: CustomerCard


class MergeField(Resource, frozen=True, kw_only=True):
    """`field`: "name", "vip", "city", "company", "branch", "agent_id", "extra.<code>"; `wins`: unless chosen."""

    field: str
    kept: str | int
    other: str | int
    wins: Side
    differs: bool


class MergePreview(Resource, frozen=True, kw_only=True):
    """`moving`: how many of the other's interactions, notes and orders would be the kept one's."""

    kept: CustomerCard
    other: CustomerCard
    fields: tuple[MergeField, ...]
    moving: dict[str, int]


class MergeView(Resource, frozen=True, kw_only=True):
    """`undone_at` None: it holds."""

    merge_id: int
    kept_id: int
    other_id: int
    other_name: str
    at: float
    by_name: str
    undone_at: float | None


class MergeList(Resource, frozen=True, kw_only=True):
    """The latest first."""

    items: tuple[MergeView, ...]


class MergeAnswer(Resource, frozen=True, kw_only=True):
    merge_id: int
    card: CustomerCard


class UndoAnswer(Resource, frozen=True, kw_only=True):
    """The two, as they stand alone again."""

    kept: CustomerCard
    other: CustomerCard


# --- bodies ---


class AddressBody(Body):
    label: Annotated[str, Field(max_length=40)] = ""
    text: Annotated[str, Field(min_length=1, max_length=300)]


class CustomerPatchBody(Body):
    """A field that is left out stays as it is. `version` is the one that the change was made from.

    `numbers` (in any writing) and `addresses` are all there shall be; of `extra` only the fields named change.
    """

    version: Annotated[int, Field(ge=0)]
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    vip: Annotated[int, Field(ge=0, le=9)] | None = None
    city: Annotated[str, Field(max_length=100)] | None = None
    company: Annotated[str, Field(max_length=200)] | None = None
    branch: Annotated[str, Field(max_length=100)] | None = None
    numbers: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=20)] | None = None
    addresses: Annotated[tuple[AddressBody, ...], Field(max_length=20)] | None = None
    extra: Annotated[dict[str, Annotated[str, Field(max_length=500)]], Field(max_length=100)] | None = None


class MergeBody(Body):
    """`versions` that the choices were made from; a field that is not in `choices` goes by the preview's `wins`."""

    other: Annotated[int, Field(ge=1)]
    version: Annotated[int, Field(ge=0)]
    other_version: Annotated[int, Field(ge=0)]
    choices: Annotated[dict[str, Side], Field(max_length=200, default_factory=dict)]


# --- queries ---


class TimelineQuery(PageQuery):
    """`q`: in the note, the queue, the number, who talked, or the words of the disposition."""

    kind: ContactKind = ""
    q: Annotated[str, Field(max_length=100)] = ""


class MergeQuery(Body):
    other: Annotated[int, Field(ge=1)]
