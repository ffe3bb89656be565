"""What a browser sends over the websocket: whatever it is, one reply that can be sent; no command that is not whole."""

from typing import Any, cast, get_args

import msgspec

from cti.desk.audience import Actor
from cti.desk.commands import AnyCommand, Command
from cti.errors import Conflict
from cti.events import Fact, Role
from cti.web.commands import answer
from cti.web.known import LoggedIn
from cti.web.messages import ROLES, Reply
from cti.web.site import Site
from tests.fuzz.source import Source, as_json

KINDS: tuple[type[Command], ...] = get_args(AnyCommand)
ACTORS = tuple(Actor(agent_id="anna", role=role, login="anna", name="Anna") for role in get_args(Role))
FIELDS: dict[type[Command], tuple[str, ...]] = {
    kind: tuple(field.name for field in msgspec.structs.fields(kind)) for kind in KINDS
}
TAGS = {kind: str(kind.__struct_config__.tag) for kind in KINDS}
LIKELY: tuple[Any, ...] = (
    "i1", "i1-1", "agent", "ben", "sales", "number", "queue", "13900000001", "ready", "break", "1", True, False, 1, 1.0,
    30.0, "listen", "everybody", "0123456789abcdef", "web", "colleague", "customer", [], {}, None, ["i1"], {"a": 1},
)  # fmt: skip
UNASKED = (b"null", b"[]", b"1", b'"x"', b"{}", b'{"id":1}', b'{"cmd":"agent.ready"}', b"")


class _Floor:
    """Does what it is asked, or refuses."""

    def __init__(self) -> None:
        self.executed: list[AnyCommand] = []

    async def execute(self, command: AnyCommand, _actor: Actor) -> dict[str, Any] | None:
        self.executed.append(command)
        if command.id % 3 == 1:
            raise Conflict("it has changed meanwhile", "now")
        return {"done": True} if command.id % 3 else None


class _Site:
    """As much of a `Site` as a command reaches."""

    def __init__(self) -> None:
        self.floor = _Floor()
        self.facts: list[Fact] = []
        self.refused = 0

    def audited(self, *_: object, allowed: bool, **__: object) -> None:
        assert not allowed
        self.refused += 1


def one_input(data: bytes) -> None:
    source, site = Source(data), _Site()
    actor = source.pick(ACTORS)
    raw = _message(source)
    reply = _run(raw, actor, cast("Site", site))
    sent = msgspec.json.encode(reply)
    assert len(sent) < 8 * len(raw) + 10_000
    assert reply.ok is (reply.error is None)
    for command in site.floor.executed:
        assert actor.role in ROLES[type(command)]
        assert command.id == reply.id
    assert not site.refused or not site.floor.executed


def _message(source: Source) -> str | bytes:
    match source.byte() % 8:
        case 0:
            return source.rest().decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape")
        case 1:
            return source.rest().decode("utf-8", "replace")
        case 2:
            return source.pick(UNASKED) + source.bytes()
        case 3:
            return as_json(source.value(LIKELY, 5))
    kind = source.pick(KINDS)
    fields = {name: source.value(LIKELY) for name in FIELDS[kind] if source.byte() < 240}
    fields["cmd"] = TAGS[kind] if source.byte() < 250 else source.value()
    fields["id"] = source.byte() if source.byte() < 220 else source.value()
    if source.byte() > 240:
        fields[source.text()] = source.value()
    return as_json(fields)


def _run(raw: str | bytes, actor: Actor, site: Site) -> Reply:
    """Nothing in here waits for anything."""
    work = answer(raw, LoggedIn(actor=actor, csrf="", expires_at=0, token=""), site)
    try:
        work.send(None)
    except StopIteration as stop:
        reply: Reply = stop.value
        return reply
    raise AssertionError("it waits")
