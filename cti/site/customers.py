"""The web server's ports on customers over the store, as in `cti.site.records`."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from cti.customers.fields import Choice, CustomerField, WrongValue, patched
from cti.customers.merging import Address, Image, differing, fields, value, winner
from cti.customers.numbers import canonical, is_public
from cti.desk.views import NoteView
from cti.errors import Conflict
from cti.settings import Settings
from cti.settings.customers import CustomerFieldSettings
from cti.settings.dispositions import Disposition
from cti.store.customer_card import ContactFilter
from cti.store.customer_merges import MergeRepository
from cti.store.customers import CustomerChange, CustomerRepository
from cti.web.errors import BadInput
from cti.web.resources import CustomerCard, CustomerHit, CustomerHits, Timeline
from cti.web.resources_customers import (
    Changed,
    ChoiceView,
    CustomerFieldView,
    CustomerForm,
    CustomerPatchBody,
    LinkView,
    MergeAnswer,
    MergeBody,
    MergeField,
    MergeList,
    MergePreview,
    MergeView,
    TimelineQuery,
    UndoAnswer,
)


class StoredCustomers:
    def __init__(
        self,
        customers: CustomerRepository,
        settings: Callable[[], Settings],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`settings` are those in force."""
        self._customers = customers
        self._settings = settings
        self._clock = clock

    async def search(self, text: str, limit: int) -> CustomerHits:
        found = await self._customers.search(text, limit=limit)
        fields = CustomerHit.__struct_fields__
        return CustomerHits(items=tuple(CustomerHit(**{f: getattr(one, f) for f in fields}) for one in found))

    async def card(self, customer_id: int) -> CustomerCard:
        card = await self._customers.card(customer_id)
        return CustomerCard(version=card.version, customer=card)

    async def change(self, customer_id: int, patch: CustomerPatchBody, by: str) -> Changed:
        image, version = await self._customers.image(customer_id)
        if version != patch.version:
            raise Conflict(f"customer {customer_id} was edited by somebody else meanwhile", f"version {version}")
        change = self._change(image, patch)
        await self._customers.edit(customer_id, change, version=version, by=by, at=self._clock())
        return Changed(card=await self.card(customer_id), detail="; ".join(_differences(image, change)))

    def _change(self, image: Image, patch: CustomerPatchBody) -> CustomerChange:
        """Raises BadInput with the field that is wrong."""
        settings = self._settings()
        numbers = None if patch.numbers is None else tuple(_numbers(patch.numbers, image.numbers, settings.region))
        extra = None
        if patch.extra is not None:
            try:
                extra = patched(map(_field, settings.customer_fields), image.extra, patch.extra)
            except WrongValue as wrong:
                raise BadInput(str(wrong), f"extra.{wrong.code}") from None
        return CustomerChange(
            name=patch.name,
            vip=patch.vip,
            city=patch.city,
            company=patch.company,
            branch=patch.branch,
            numbers=None if numbers is None else tuple(dict.fromkeys(numbers)),
            addresses=None
            if patch.addresses is None
            else tuple(Address(label=one.label, text=one.text) for one in patch.addresses),
            extra=extra,
        )

    async def timeline(self, customer_id: int, query: TimelineQuery) -> Timeline:
        customer = await self._customers.card(customer_id)
        wanted = ContactFilter(
            before=query.before,
            kind=query.kind,
            text=query.q,
            dispositions=tuple(self._dispositions(query.q)),
        )
        limit = query.limit
        found = await self._customers.timeline(customer.customer_id, wanted, limit=limit + 1)
        return Timeline(items=tuple(found[:limit]), next_before=found[limit - 1].at if len(found) > limit else None)

    def _dispositions(self, text: str) -> Iterator[str]:
        settings = self._settings()
        for tree in (settings.dispositions, *settings.disposition_trees.values()):
            yield from _dispositions(tree, text)

    async def add_note(self, customer_id: int, author: str, text: str, at: float) -> NoteView:
        await self._customers.add_note(customer_id, author=author, text=text, at=at)
        return NoteView(at=at, author=author, text=text)


def _numbers(given: Sequence[str], known: Sequence[str], region: str) -> Iterator[str]:
    """Canonical. What the customer has already is taken as it is: a trunk may have told it so."""
    for n, raw in enumerate(given):
        number = canonical(raw, region)
        if raw not in known and number not in known and not is_public(number):
            raise BadInput(
                f"{raw!r} is no telephone number of this region, and no international one (+...)", f"numbers.{n}"
            )
        yield raw if raw in known else number


def _differences(before: Image, change: CustomerChange) -> Iterator[str]:
    for name, now in msgspec.structs.asdict(change).items():
        was = getattr(before, name)
        if now is not None and now != was:
            yield f"{name}: {_words(was)} -> {_words(now)}"


def _words(thing: Any) -> str:
    return str(thing) if isinstance(thing, str | int) else msgspec.json.encode(thing).decode()


def _dispositions(tree: Sequence[Disposition], text: str, above: Sequence[str] = ()) -> Iterator[str]:
    """The codes whose words, or those of a heading above them, hold this text."""
    if not text:
        return
    for node in tree:
        words = [*above, *node.label.values()]
        if any(text.casefold() in word.casefold() for word in words):
            yield node.code
        yield from _dispositions(node.children, text, words)


def _field(field: CustomerFieldSettings) -> CustomerField:
    return CustomerField(
        code=field.code,
        label=_text(field.label),
        kind=field.kind,
        choices=tuple(Choice(code=one.code, label=_text(one.label)) for one in field.choices),
        required=field.required,
        pattern=field.pattern,
    )


def _text(label: Mapping[Any, str]) -> dict[str, str]:
    return {str(language): words for language, words in label.items()}


def customer_form(settings: Settings) -> CustomerForm:
    return CustomerForm(
        fields=tuple(_field_view(_field(field)) for field in settings.customer_fields),
        links=tuple(
            LinkView(label=_text(link.label), url=link.url, on_answer=link.on_answer) for link in settings.links
        ),
    )


def _field_view(field: CustomerField) -> CustomerFieldView:
    return CustomerFieldView(
        code=field.code,
        label=field.label,
        kind=field.kind,
        choices=tuple(ChoiceView(code=one.code, label=one.label) for one in field.choices),
        required=field.required,
        pattern=field.pattern,
    )


class StoredMerges:
    def __init__(
        self, merges: MergeRepository, customers: StoredCustomers, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._merges = merges
        self._customers = customers
        self._clock = clock

    async def preview(self, customer_id: int, other: int) -> MergePreview:
        plan = await self._merges.plan(customer_id, other)
        kept, theirs = plan.kept.image, plan.other.image
        differ = differing(kept, theirs)
        return MergePreview(
            kept=await self._customers.card(customer_id),
            other=await self._customers.card(other),
            fields=tuple(
                MergeField(
                    field=field,
                    kept=value(kept, field),
                    other=value(theirs, field),
                    wins=winner(kept, theirs, field),
                    differs=field in differ,
                )
                for field in fields(kept, theirs)
            ),
            moving=plan.moving,
        )

    async def merge(self, customer_id: int, body: MergeBody, by: str) -> MergeAnswer:
        plan = await self._merges.plan(customer_id, body.other)
        for field in body.choices:
            if field not in fields(plan.kept.image, plan.other.image):
                raise BadInput("there is no such field to choose", f"choices.{field}")
        merge_id = await self._merges.merge(
            customer_id,
            body.other,
            versions=(body.version, body.other_version),
            choices=body.choices,
            by=by,
            at=self._clock(),
        )
        return MergeAnswer(merge_id=merge_id, card=await self._customers.card(customer_id))

    async def undo(self, merge_id: int, by: str) -> UndoAnswer:
        kept, other = await self._merges.undo(merge_id, by=by, at=self._clock())
        return UndoAnswer(kept=await self._customers.card(kept), other=await self._customers.card(other))

    async def of(self, customer_id: int) -> MergeList:
        rows = await self._merges.of(customer_id)
        return MergeList(items=tuple(MergeView(**msgspec.structs.asdict(row)) for row in rows))
