"""A broker that takes nothing any more, on a connection that stays up: the daemon neither waits nor grows."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cti.events import LinkLost
from cti.mqtt.publisher import BATCH, Broker, Publisher

CONNECT, PUBLISH = 1, 3
CONNACK = bytes((0x20, 0x03, 0x00, 0x00, 0x00))
LIMIT, BURST = 500, 5_000


async def packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Type and body of an MQTT control packet."""
    head = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return head >> 4, await reader.readexactly(length)
        shift += 7


async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the connection and the first message, and then reads nothing any more."""
    kind, _ = await packet(reader)
    assert kind == CONNECT
    writer.write(CONNACK)
    kind, body = await packet(reader)
    assert kind == PUBLISH
    topic_end = 2 + int.from_bytes(body[:2], "big")
    writer.write(bytes((0x40, 0x02)) + body[topic_end : topic_end + 2])
    await asyncio.sleep(3600)


@asynccontextmanager
async def publishing() -> AsyncIterator[Publisher]:
    server = await asyncio.start_server(stalls, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    publisher = Publisher(Broker(port=port), site="demo", version="1", limit=LIMIT)
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()


async def burst(publisher: Publisher) -> int:
    """Thousands of facts while everything else goes on; bytes that are held afterwards."""
    for number in range(BURST):
        publisher.on_fact(LinkLost(at=float(number), reason="x" * 200))
        if number % 100 == 0:
            await asyncio.sleep(0)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def test_memory_does_not_grow_and_what_is_dropped_is_counted() -> None:
    async with publishing() as publisher:
        async with asyncio.timeout(10):
            while not publisher.connected:  # noqa: ASYNC110 - it has no event of its own
                await asyncio.sleep(0.01)
        tracemalloc.start()
        try:
            held = [await burst(publisher) for _ in range(4)]
        finally:
            tracemalloc.stop()
        assert publisher.waiting <= LIMIT + BATCH
        assert publisher.dropped >= 4 * BURST - LIMIT - BATCH
        assert max(held[1:]) - held[0] < 100_000, held  # one burst alone is 2 MB
