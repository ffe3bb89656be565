"""The web server's port on personal data and legal holds, as in `cti.site.records`."""

import time
from collections.abc import Callable, Collection
from typing import IO

import msgspec

from cti.errors import NotFound
from cti.privacy.personal_data import PersonalData, Who
from cti.store.legal_holds import Hold, HoldRepository
from cti.web.resources_personal import ErasureAnswer, HoldBody, Holds, HoldView


class StoredPersonal:
    def __init__(
        self,
        data: PersonalData,
        holds: HoldRepository,
        queues: Callable[[], Collection[str]],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._data, self._holds, self._queues, self._clock = data, holds, queues, clock

    async def export(self, customer_id: int, by: str, role: str) -> IO[bytes]:
        return await self._data.export(customer_id, Who(actor=by, role=role))

    async def erase(self, customer_id: int, by: str, role: str, reason: str) -> ErasureAnswer:
        done = await self._data.erase(customer_id, Who(actor=by, role=role), reason)
        return ErasureAnswer(customer_id=customer_id, **msgspec.structs.asdict(done))

    async def holds(self) -> Holds:
        return Holds(items=tuple(map(_view, await self._holds.list())))

    async def hold(self, body: HoldBody, by: str) -> HoldView:
        if body.kind == "queue" and body.key not in self._queues():
            raise NotFound("queue", body.key)
        return _view(await self._holds.add(body.kind, body.key, reason=body.reason, at=self._clock(), by=by))

    async def release(self, hold_id: int, by: str) -> HoldView:
        return _view(await self._holds.release(hold_id, at=self._clock(), by=by))


def _view(hold: Hold) -> HoldView:
    return HoldView(hold_id=hold.id, kind=hold.kind, key=hold.key, reason=hold.reason, at=hold.at, by=hold.by)
