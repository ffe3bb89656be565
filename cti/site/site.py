"""From the settings and the running parts to the `Site` that the web server serves."""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Final, Literal, Protocol

from cti.desk.hub import Hub
from cti.desk.views import ReasonView, Text
from cti.events import Fact
from cti.privacy.personal_data import PersonalData
from cti.quality.config import read_scorecards
from cti.recording.keys import NO_KEYS, Keyring
from cti.reports.explaining import Names
from cti.settings import Settings, SipSettings, forms
from cti.settings.dispositions import Disposition, FieldSettings, Tree
from cti.site.board import StoredBoard
from cti.site.customers import StoredCustomers, StoredMerges, customer_form
from cti.site.explain import Explanations
from cti.site.login import way_in
from cti.site.personal import StoredPersonal
from cti.site.quality import StoredQuality
from cti.site.records import StoredAudit, StoredInteractions, StoredRecordings
from cti.store.store import Store
from cti.web.ports import Floor, Readiness, Stations, WebConfig
from cti.web.resources import DispositionView, FieldView, FlowView, FormView, OptionView, PhoneView, WorkCodes
from cti.web.scraping import Scraping
from cti.web.site import Site

STATIC: Final = Path(__file__).parents[1] / "web" / "static"


class PhoneBook(Protocol):
    async def renew(self, agent_id: str) -> tuple[str, str]:
        """(endpoint, new secret); raises NotFound."""


class WebPhones:
    """Each page that asks gets a fresh secret; the one before no longer registers. Only the phone's own tab may ask.

    `where` says with which telephone system the page of an agent is to register.
    """

    def __init__(self, book: PhoneBook, *, where: Callable[[str], SipSettings]) -> None:
        self._book = book
        self._where = where

    async def credentials(self, agent_id: str) -> PhoneView:
        endpoint, secret = await self._book.renew(agent_id)
        sip = self._where(agent_id)
        return PhoneView(ws_url=sip.ws_url, sip_uri=f"sip:{endpoint}@{sip.host}", login=endpoint, password=secret)


def work_codes(settings: Settings) -> WorkCodes:
    return WorkCodes(
        dispositions=_tree(settings.dispositions),
        trees={name: _tree(tree) for name, tree in forms.trees(settings).items()},
        forms={
            name: FormView(
                tree=queue.dispositions,
                required=queue.disposition_required,
                waits=queue.wrap_up_unfinished == "wait",
            )
            for name, queue in settings.queues.items()
        },
        flows=tuple(FlowView(name=one.flow, label=_text(one.label)) for one in settings.agent_flows),
        not_ready_reasons=tuple(
            ReasonView(code=reason.code, label=_text(reason.label)) for reason in settings.not_ready_reasons
        ),
    )


def _text(label: Mapping[Literal["zh", "en"], str]) -> Text:
    return {str(language): words for language, words in label.items()}


def names(settings: Settings, people: Mapping[str, str]) -> Names:
    """`people`: agent id -> name."""
    return Names(
        agents=people,
        queues={name: _text(queue.label) for name, queue in settings.queues.items()},
        reasons={reason.code: _text(reason.label) for reason in settings.not_ready_reasons},
    )


def _tree(tree: Tree) -> tuple[DispositionView, ...]:
    return tuple(map(_disposition, tree))


def _disposition(node: Disposition) -> DispositionView:
    return DispositionView(
        code=node.code,
        label=_text(node.label),
        children=_tree(node.children),
        fields=tuple(map(_field, node.fields)),
        complaint=node.complaint,
        follow_up_days=node.follow_up_days,
    )


def _field(field: FieldSettings) -> FieldView:
    options = tuple(OptionView(code=option.code, label=_text(option.label)) for option in field.options)
    return FieldView(
        code=field.code, label=_text(field.label), kind=field.kind, required=field.required, options=options
    )


def web_config(settings: Settings, *, version: str, demo: bool, keys: Keyring = NO_KEYS) -> WebConfig:
    return WebConfig(
        static=STATIC,
        recordings=settings.path(settings.recordings),
        version=version,
        phone_ws_url=" ".join(dict.fromkeys(node.sip.ws_url for node in settings.all_nodes)),
        public_origin=settings.web.public_origin or "",
        secure_cookie=settings.web.secure,
        demo=demo,
        keys=keys,
    )


def make_site(
    settings: Settings,
    store: Store,
    *,
    hub: Hub,
    floor: Floor,
    explanations: Explanations,
    phones: PhoneBook,
    where: Callable[[str], SipSettings],
    stations: Stations,
    publish: Callable[[Fact], None],
    codes: Callable[[], WorkCodes],
    board: StoredBoard,
    current: Callable[[], Settings],
    refresh: Callable[[Collection[int]], Awaitable[None]],
    readiness: Readiness,
    scraping: Scraping,
    personal: PersonalData,
    version: str,
    demo: bool,
    keys: Keyring = NO_KEYS,
    clock: Callable[[], float] = time.time,
) -> Site:
    """`floor` executes the commands (`cti.floor.commands.Commands`), `publish` is the bus's. Raises ConfigError.

    `settings` are those of the start, `current` those in force; `refresh` as `Site.refresh`.
    """
    config = web_config(settings, version=version, demo=demo, keys=keys)
    scorecards = read_scorecards(settings.root / "config", settings.queues)
    gate, entrance = way_in(settings, store, clock=clock)
    customers = StoredCustomers(store.customers, current, clock=clock)
    return Site(
        config=config,
        gate=gate,
        hub=hub,
        floor=floor,
        phones=WebPhones(phones, where=where),
        stations=stations,
        customers=customers,
        merges=StoredMerges(store.merges, customers, clock=clock),
        interactions=StoredInteractions(store.interactions, region=settings.region),
        explanations=explanations,
        recordings=StoredRecordings(store.recordings, store.interactions, region=settings.region),
        quality=StoredQuality(store, scorecards, region=settings.region, clock=clock),
        personal=StoredPersonal(personal, store.holds, lambda: current().queues, clock=clock),
        board=board,
        audit=StoredAudit(store.audit),
        entrance=entrance,
        publish=publish,
        readiness=readiness,
        codes=codes,
        customer_form=lambda: customer_form(current()),
        refresh=refresh,
        scraping=scraping,
        clock=clock,
        kept=store.writer.kept,
    )
