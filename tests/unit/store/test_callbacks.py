"""What a start needs to know of promised calls."""

from cti.events import CallbackDialled, CallbackEnded, CallbackPaused, CallbackRequested, InteractionStarted
from cti.store.callbacks import KeptPlace, KeptPromise
from cti.store.store import Store
from tests.unit.store.stories import T0, interaction, tell

NUMBER = "+8613900000001"


def requested(i: str) -> list[InteractionStarted | CallbackRequested]:
    return [
        InteractionStarted(
            at=T0,
            interaction_id=i,
            medium="voice",
            channel="17.1",
            linkedid="17.1",
            customer_number=NUMBER,
            caller_name="",
            dialled="4000",
        ),
        CallbackRequested(
            at=T0 + 5, interaction_id=i, number=NUMBER, queue="sales", queued_at=T0 + 1, skills={"en": 3}, vip=2
        ),
    ]


async def test_a_promise_is_read_back_with_its_place_and_its_attempts(store: Store) -> None:
    i = interaction(1)
    await tell(store, *requested(i))
    place = KeptPlace(queued_at=T0 + 1, skills={"en": 3}, vip=2)
    kept = KeptPromise(interaction_id=i, number=NUMBER, queue="sales", place=place, attempts=0, next_at=None)
    assert await store.callbacks.pending() == {i: kept}
    (open_,) = await store.interactions.open()
    assert (open_.medium, open_.channel) == ("callback", "17.1")


async def test_what_came_last_counts_though_all_comes_in_one_batch(store: Store) -> None:
    i = interaction(1)
    await tell(
        store,
        *requested(i),
        CallbackPaused(at=T0 + 6, interaction_id=i, attempts=0, until=T0 + 60, reason="hours"),
        CallbackDialled(
            at=T0 + 61,
            interaction_id=i,
            attempts=1,
            number=NUMBER,
            channel=f"ldc-{i}-1",
            agent_id="1001",
            until=T0 + 400,
        ),
    )
    kept = (await store.callbacks.pending())[i]
    assert (kept.attempts, kept.next_at) == (1, T0 + 400)
    (open_,) = await store.interactions.open()
    assert (open_.medium, open_.channel, open_.linkedid) == ("callback", f"ldc-{i}-1", f"ldc-{i}-1")


async def test_who_was_reached_is_owed_nothing(store: Store) -> None:
    i = interaction(1)
    await tell(store, *requested(i), CallbackEnded(at=T0 + 9, interaction_id=i, end="connected", attempts=1))
    assert await store.callbacks.pending() == {}
