"""Who is calling? Asked once per interaction, while the caller hears the greeting."""

import asyncio
from typing import Any

import structlog

from cti.customers.directory import CustomerDirectory, Identified
from cti.errors import NotConnected

log = structlog.get_logger(__name__)


async def identify(
    directory: CustomerDirectory[Any], number: str, *, caller_name: str, at: float, deadline_s: float = 1
) -> Identified | None:
    """None for a withheld number, and when the directory is away or slow: a call never waits for the database.

    `number` is canonical. An unknown caller becomes a new customer.
    """
    if not number:
        return None
    try:
        async with asyncio.timeout(deadline_s):
            return await directory.find_or_create(number, caller_name=caller_name, at=at)
    except (NotConnected, TimeoutError) as error:
        log.warning("a caller was not identified", number=number, error=repr(error))
        return None
