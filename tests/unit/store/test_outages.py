"""When nobody watched is kept, and found again by the day."""

from cti.events import DaemonStarted, Fact, LinkRestored
from cti.store.store import Store


async def test_outages_of_the_daemon_and_of_the_link_are_kept(store: Store) -> None:
    told: tuple[Fact, ...] = (
        DaemonStarted(at=90, away_since=None, planned=False),
        LinkRestored(at=91, down_s=0),
        DaemonStarted(at=110, away_since=100, planned=True),
        LinkRestored(at=220, down_s=20),
        DaemonStarted(at=330, away_since=300, planned=False),
    )
    for fact in told:
        store.writer.on_fact(fact)
    await store.writer.drain()
    kept = [(one.what, one.since, one.until, one.planned) for one in await store.outages.since(150)]
    assert kept == [("asterisk", 200, 220, False), ("daemon", 300, 330, False)]
    assert [(one.since, one.planned) for one in await store.outages.since(0)][:1] == [(100, True)]
