"""MQTT for as long as the context lasts, where it is configured; nothing at all where it is not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cti.bus import Bus
from cti.desk.hub import Hub
from cti.mqtt.publisher import Broker, Publisher
from cti.settings import MqttSettings, Settings
from cti.tls import client_context


def broker_of(settings: Settings) -> Broker | None:
    """None: not configured. Raises Unusable when the password or a certificate cannot be read."""
    configured = settings.mqtt
    if configured is None:
        return None
    return Broker(
        host=configured.host,
        port=configured.port,
        username=configured.username,
        password=settings.mqtt_password(),
        tls=_tls(settings, configured) if configured.tls else None,
    )


def _tls(settings: Settings, configured: MqttSettings) -> ssl.SSLContext:
    ca_file, certificate, key = (
        settings.path(file) if file else None for file in (configured.ca_file, configured.certificate, configured.key)
    )
    return client_context(ca_file, certificate=certificate, key=key)


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
