"""MQTT for as long as the context lasts, where it is configured; nothing at all where it is not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cti.bus import Bus
from cti.desk.hub import Hub
from cti.errors import Unusable
from cti.mqtt.publisher import Broker, Publisher
from cti.settings import Settings


def broker_of(settings: Settings) -> Broker | None:
    """None: not configured. Raises Unusable when the password cannot be read."""
    configured = settings.mqtt
    if configured is None:
        return None
    password = None
    if configured.password_file is not None:
        file = settings.path(configured.password_file)
        try:
            password = file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Unusable(f"the MQTT password cannot be read from {file}: {error.strerror}") from None
    return Broker(
        host=configured.host,
        port=configured.port,
        username=configured.username,
        password=password,
        tls=configured.tls,
    )


@asynccontextmanager
async def publishing(settings: Settings, *, bus: Bus, hub: Hub, version: str) -> AsyncIterator[Publisher | None]:
    """Yields the publisher, whose `connected`, `waiting` and `dropped` are figures; None when MQTT is off."""
    broker = broker_of(settings)
    if broker is None:
        yield None
        return
    publisher = Publisher(broker, site=settings.site, version=version)
    unsubscribe = bus.subscribe(publisher.on_fact)
    hub.listen(publisher.on_entity)
    task = asyncio.create_task(publisher.run(), name="mqtt")
    try:
        yield publisher
    finally:
        unsubscribe()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
