"""What a starting daemon finds beside its store: who stands in the dialplan's music, and what Asterisk wrote down.

`cti/daemon/start.py` hands it to `cti.floor.reconcile`.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from cti.calls.cdr import Afterwards, afterwards, read_lines
from cti.errors import CtiError
from cti.floor.callback_restart import Promised
from cti.floor.ids import agent_channel
from cti.floor.open import Open
from cti.floor.reconcile import Memory
from cti.floor.ticket import Ticket, read_ticket
from cti.nodes.nodes import Nodes
from cti.switch.port import Switch

log = structlog.get_logger(__name__)

AWAY = "ld-away"
"""The context of the dialplan in which callers hear music and knock (dialplan/trunk.conf)."""
LEFT = "ld-after"
"""That in which customers are for a moment when their agent has hung up (dialplan/customer.conf)."""
CDR_FILE = Path("log/cdr-custom/laidian.csv")
"""In Asterisk's run directory (asterisk/cdr_custom.conf)."""
CDR_TAIL = 16 * 2**20
"""Bytes: 50,000 calls and more, however long the file is."""


async def remember(
    opens: Sequence[Open],
    promised: Mapping[str, Promised],
    nodes: Nodes,
    switch: Switch,
    asterisk_dirs: Mapping[str, Path],
) -> Memory:
    """Raises CtiError when Asterisk does not say what it is doing. `asterisk_dirs`: by the name of the node."""
    there = [node for node in nodes.nodes if node.up]
    channels = [item for node in there for item in await node.ami.list_action("CoreShowChannels")]
    listed = {item.get("Uniqueid", ""): item.get("Context", "") for item in channels}
    standing = [one for one in opens if listed.get(one.channel) == AWAY]
    tickets = await asyncio.gather(*(_ticket(switch, one) for one in standing))
    over = [one for one in opens if listed.get(one.channel, LEFT) == LEFT]
    told: dict[str, Afterwards] = {}
    for folder in asterisk_dirs.values() if over else ():
        told.update(await asyncio.to_thread(_written_down, over, folder / CDR_FILE))
    return Memory(
        promised=promised,
        standing={one.interaction_id: ticket for one, ticket in zip(standing, tickets, strict=True)},
        afterwards=told,
        lost=nodes.ended_with_its_asterisk,
    )


async def _ticket(switch: Switch, waiting: Open) -> Ticket | None:
    try:
        ticket = read_ticket(await switch.variable(waiting.channel, "LD_PLACE"))
    except CtiError as error:
        log.warning("a waiting caller's ticket cannot be read", channel=waiting.channel, reason=str(error))
        return None
    return ticket if ticket is not None and ticket.interaction_id == waiting.interaction_id else None


def _written_down(over: Sequence[Open], file: Path) -> dict[str, Afterwards]:
    """Of whose conversation is over. Nothing when Asterisk keeps no such file, or keeps it where we cannot read it."""
    try:
        with file.open("rb") as records:
            records.seek(max(0, os.fstat(records.fileno()).st_size - CDR_TAIL))
            lines = read_lines(records.read().decode("utf-8", "replace"))
    except OSError as error:
        log.info("what Asterisk wrote down of calls cannot be read", file=str(file), reason=error.strerror)
        return {}
    found = {}
    for one in over:
        told = afterwards(lines, one.channel, agent_channel(f"{one.interaction_id}-"))
        if told is not None:
            found[one.interaction_id] = told
    return found
