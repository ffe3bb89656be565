"""The websocket messages of `cti/web/messages.py`, put together from parts that were encoded once for everybody.

Five hundred agents see the same change of a queue. The entity is encoded once; only the few bytes around it (the
sequence number) are made per browser. That these bytes equal what msgspec makes of the structs is a test.
"""

from collections.abc import Iterable, Mapping

import msgspec

from cti.desk.audience import Actor
from cti.desk.views import AnyView, Drop, Put

_encode = msgspec.json.Encoder().encode


def put_part(topic: str, key: str, entity: AnyView) -> bytes:
    return _encode(Put(topic, key, entity))


def drop_part(topic: str, key: str) -> bytes:
    return _encode(Drop(topic, key))


def entity_part(key: str, entity: AnyView) -> bytes:
    return _encode(key) + b":" + _encode(entity)


def topic_part(topic: str, entities: Iterable[bytes]) -> bytes:
    return _encode(topic) + b":{" + b",".join(entities) + b"}"


def snapshot(seq: int, at: float, actor: Actor, topics: Iterable[bytes]) -> bytes:
    head = _encode({"t": "snapshot", "seq": seq, "at": at, "role": actor.role, "agent_id": actor.agent_id})
    return head[:-1] + b',"topics":{' + b",".join(topics) + b"}}"


def changes(at: float, parts: Iterable[bytes]) -> bytes:
    """Everything but the sequence number, which `numbered` puts before it for each browser."""
    return b',"at":' + _encode(at) + b',"changes":[' + b",".join(parts) + b"]}"


def numbered(seq: int, told: bytes) -> bytes:
    return b'{"t":"changes","seq":%d' % seq + told


def notice(level: str, code: str, message: str) -> bytes:
    fields: Mapping[str, str] = {"t": "notice", "level": level, "code": code, "message": message}
    return _encode(fields)
