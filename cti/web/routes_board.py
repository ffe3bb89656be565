"""The supervisor's board beside the websocket: what stands behind a number, and the alarms of today."""

from cti.web.registry import BOARD, Call, Route
from cti.web.resources_board import Behind, Ledger, NumberQuery, PastAlarms


async def behind(call: Call) -> Behind:
    return await call.site.board.behind(call.query_as(NumberQuery))


async def alarms(call: Call) -> PastAlarms:
    return await call.site.board.alarms()


async def ledger(call: Call) -> Ledger:
    return await call.site.board.ledger(call.path("interaction_id"))


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/interactions/{interaction_id}/ledger",
        serve=ledger,
        roles=BOARD,
        scope="read:calls",
        summary="Every fact about it, in order",
        tag="records",
        answer=Ledger,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/board/behind",
        serve=behind,
        roles=BOARD,
        scope="read:floor",
        summary="The waits or talks behind a number of the board; as many as the number says",
        tag="floor",
        query=NumberQuery,
        answer=Behind,
    ),
    Route(
        method="GET",
        path="/api/v1/board/alarms",
        serve=alarms,
        roles=BOARD,
        scope="read:floor",
        summary="Alarms of the queues that were raised today",
        tag="floor",
        answer=PastAlarms,
    ),
)
