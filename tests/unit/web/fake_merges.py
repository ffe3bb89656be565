"""Two customers to be merged, 7 and 8."""

from msgspec.structs import replace

from cti.desk.views import CustomerView
from cti.errors import Conflict, NotFound
from cti.web.resources import CustomerCard
from cti.web.resources_customers import MergeAnswer, MergeBody, MergeList, MergePreview, UndoAnswer


class FakeMerges:
    def __init__(self, customer: CustomerView) -> None:
        self.kept = CustomerCard(version=4, customer=customer)
        self.other = CustomerCard(version=1, customer=replace(customer, customer_id=8))

    async def preview(self, customer_id: int, other: int) -> MergePreview:
        self._known(customer_id, other)
        return MergePreview(kept=self.kept, other=self.other, fields=(), moving={"orders": 2})

    async def merge(self, customer_id: int, body: MergeBody, by: str) -> MergeAnswer:
        assert by
        self._known(customer_id, body.other)
        if body.version != self.kept.version:
            raise Conflict("customer 7 was edited by somebody else meanwhile", "version 4")
        return MergeAnswer(merge_id=3, card=self.kept)

    async def undo(self, merge_id: int, by: str) -> UndoAnswer:
        assert by
        if merge_id != 3:
            raise NotFound("merge", merge_id)
        return UndoAnswer(kept=self.kept, other=self.other)

    async def of(self, customer_id: int) -> MergeList:
        assert customer_id >= 0
        return MergeList(items=())

    def _known(self, *customer_ids: int) -> None:
        for one in customer_ids:
            if one not in {7, 8}:
                raise NotFound("customer", one)
