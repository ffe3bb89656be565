"""Comments, scores, rights, and the search for recordings, on a real database."""

import pytest

from cti.errors import Conflict, Forbidden, NotFound
from cti.quality.scorecard import Question, Result, Scorecard
from cti.store.customers import CustomerChange
from cti.store.interactions import BadCursor
from cti.store.recording_search import RecordingQuery
from cti.store.scores import ScoreDraft, ScoreFilter
from cti.store.store import Store
from cti.store.users import User
from tests.unit.store.stories import NUMBER, T0, handled, interaction, tell

I1, I2, I3 = interaction(1), interaction(2), interaction(3)
CARD = Scorecard(
    code="service",
    label={"zh": "服务", "en": "Service"},
    questions=(Question(code="manner", label={"zh": "礼貌", "en": "Manner"}, kind="rating", weight=2, auto_fail=True),),
)


def draft(scorer: str = "2001", *, percent: float | None = 80.0, agent_id: str = "1001", i: str = I1) -> ScoreDraft:
    return ScoreDraft(
        interaction_id=i,
        agent_id=agent_id,
        scorer=scorer,
        card=CARD,
        answers={"manner": 4, "other": None},
        comment="gut",
        result=None if percent is None else Result(percent=percent, failed=("manner",) if percent == 0 else ()),
    )


async def people(store: Store) -> None:
    for login, name in (("1001", "李娜"), ("2001", "陈静")):
        await store.users.add(User(login=login, name=name, role="agent", password_hash="x"), at=T0)


async def recorded(store: Store) -> None:
    await people(store)
    customer_id = (await store.customers.find_or_create(NUMBER, caller_name="", at=T0)).customer_id
    await store.customers.edit(customer_id, CustomerChange(name="张伟"), version=1, by="1001", at=T0)
    await tell(store, *handled(I1, T0), *handled(I2, T0 + 1000), *handled(I3, T0 + 2000))


async def found(store: Store, **wanted: object) -> list[str]:
    page = await store.recording_search.find(RecordingQuery(**wanted))  # type: ignore[arg-type]  # any filter
    return [item.interaction_id for item in page.items]


# --- comments ---


async def test_comments_come_in_the_order_of_their_positions_with_names(store: Store) -> None:
    await people(store)
    late = await store.comments.add(I1, at_s=9.5, author="2001", text="schön", at=T0)
    await store.comments.add(I1, at_s=1.0, author="gone", text="früh", at=T0 + 1)
    await store.comments.add(I2, at_s=0.0, author="2001", text="elsewhere", at=T0)
    rows = await store.comments.of(I1)
    assert [(row.at_s, row.author_name, row.text) for row in rows] == [(1.0, "gone", "früh"), (9.5, "陈静", "schön")]
    edited = await store.comments.edit(late.comment_id, author="2001", text="better", at=T0 + 5)
    assert (edited.text, edited.edited_at, edited.created_at) == ("better", T0 + 5, T0)


async def test_only_the_author_edits_or_removes_a_comment(store: Store) -> None:
    row = await store.comments.add(I1, at_s=1.0, author="2001", text="x", at=T0)
    with pytest.raises(Forbidden):
        await store.comments.edit(row.comment_id, author="1001", text="y", at=T0)
    with pytest.raises(Forbidden):
        await store.comments.remove(row.comment_id, author="1001")
    assert [one.text for one in await store.comments.of(I1)] == ["x"]
    await store.comments.remove(row.comment_id, author="2001")
    assert await store.comments.of(I1) == []
    with pytest.raises(NotFound):
        await store.comments.remove(row.comment_id, author="2001")


# --- scores ---


async def test_a_score_can_be_read_as_it_was_given(store: Store) -> None:
    await recorded(store)
    row = await store.scores.save(draft(), at=T0 + 50)
    assert (row.card, row.answers) == (CARD, {"manner": 4, "other": None})
    assert (row.agent_name, row.scorer_name, row.percent, row.finished_at) == ("李娜", "陈静", 80.0, T0 + 50)
    assert (row.called_at, row.queue) == (T0, "after_sales")
    assert await store.scores.get(row.score_id) == row
    with pytest.raises(NotFound):
        await store.scores.get(99)


async def test_a_draft_is_its_scorers_and_becomes_the_score(store: Store) -> None:
    first = await store.scores.save(draft(percent=None), at=T0)
    assert [row.score_id for row in await store.scores.of(I1, viewer="2001")] == [first.score_id]
    assert await store.scores.of(I1, viewer="2002") == []
    assert await store.scores.find(ScoreFilter()) == []
    finished = await store.scores.save(draft(percent=0.0), at=T0 + 1)
    assert (finished.score_id, finished.percent, finished.failed) == (first.score_id, 0.0, ("manner",))
    assert len(await store.scores.of(I1, viewer="2002")) == 1
    with pytest.raises(Conflict, match="draft again"):
        await store.scores.save(draft(percent=None), at=T0 + 2)


async def test_two_scorers_have_a_score_each(store: Store) -> None:
    one = await store.scores.save(draft("2001", percent=80.0), at=T0)
    other = await store.scores.save(draft("2002", percent=60.0), at=T0 + 1)
    assert one.score_id != other.score_id
    assert [row.percent for row in await store.scores.of(I1, viewer="2003")] == [80.0, 60.0]


async def test_only_the_agent_acknowledges_once_and_then_it_stays(store: Store) -> None:
    row = await store.scores.save(draft(), at=T0)
    with pytest.raises(Forbidden):
        await store.scores.acknowledge(row.score_id, agent_id="1002", reply="", at=T0)
    seen = await store.scores.acknowledge(row.score_id, agent_id="1001", reply="danke", at=T0 + 9)
    assert (seen.acknowledged_at, seen.reply) == (T0 + 9, "danke")
    with pytest.raises(Conflict):
        await store.scores.acknowledge(row.score_id, agent_id="1001", reply="again", at=T0 + 10)
    with pytest.raises(Conflict, match="stays as it is"):
        await store.scores.save(draft(percent=10.0), at=T0 + 11)
    assert (await store.scores.get(row.score_id)).percent == 80.0


async def test_a_draft_cannot_be_acknowledged(store: Store) -> None:
    row = await store.scores.save(draft(percent=None), at=T0)
    with pytest.raises(NotFound):
        await store.scores.acknowledge(row.score_id, agent_id="1001", reply="", at=T0)


async def test_scores_are_listed_latest_first_by_agent_and_page(store: Store) -> None:
    for n in range(3):
        await store.scores.save(draft(i=interaction(n)), at=T0 + n)
    await store.scores.save(draft(i=interaction(9), agent_id="1002"), at=T0 + 9)
    mine = await store.scores.find(ScoreFilter(agent_id="1001"))
    assert [row.finished_at for row in mine] == [T0 + 2, T0 + 1, T0]
    older = await store.scores.find(ScoreFilter(agent_id="1001", before=T0 + 1))
    assert [row.finished_at for row in older] == [T0]
    await store.scores.acknowledge(older[0].score_id, agent_id="1001", reply="", at=T0 + 20)
    open_ones = await store.scores.find(ScoreFilter(acknowledged=False))
    assert [row.agent_id for row in open_ones] == ["1002", "1001", "1001"]
    assert [row.finished_at for row in await store.scores.find(ScoreFilter(acknowledged=True))] == [T0]


# --- rights ---


async def test_a_right_is_granted_to_one_person_and_taken_back(store: Store) -> None:
    await people(store)
    await store.rights.grant("1001", "recording.download", at=T0)
    await store.rights.grant("1001", "recording.download", at=T0 + 1)
    assert await store.rights.of("1001") == {"recording.download"}
    assert await store.rights.of("2001") == frozenset()
    await store.rights.revoke("1001", "recording.download")
    assert await store.rights.of("1001") == frozenset()
    with pytest.raises(NotFound):
        await store.rights.grant("nobody", "recording.download", at=T0)


# --- search ---


async def test_recordings_are_found_by_each_filter(store: Store) -> None:
    await recorded(store)
    everything = await store.recording_search.find(RecordingQuery())
    assert [item.interaction_id for item in everything.items] == [I3, I2, I1]
    assert everything.count == 3
    assert everything.total_s == sum(item.duration_s for item in everything.items) > 0
    first = everything.items[-1]
    assert await found(store, since=first.started_at, until=first.started_at + 1) == [I1]
    assert await found(store, agent_id=first.agent_id, until=T0 + 1500) == [I2, I1]
    assert await found(store, agent_id="nobody") == []
    assert await found(store, queue=first.queue) == await found(store)
    assert await found(store, queue="sales") == []
    assert await found(store, min_s=first.duration_s, max_s=first.duration_s) != []
    assert await found(store, min_s=first.duration_s + 100_000) == []
    assert first.disposition
    assert I1 in await found(store, disposition=first.disposition)
    assert await found(store, disposition="none of these") == []


async def test_a_customer_is_found_by_a_part_of_the_name_or_number(store: Store) -> None:
    await recorded(store)
    for customer, number in (("+8613900000001", NUMBER), ("0000001", "0000001"), ("zhang", "zhang"), ("张", "张")):
        assert await found(store, customer=customer, number=number) == [I3, I2, I1], customer
    for customer, number in (("+861390000000%", "+861390000000%"), ("_", "_"), ("Wang", "wang"), ("77", "77")):
        assert await found(store, customer=customer, number=number) == [], customer


async def test_scores_and_comments_are_shown_and_looked_for(store: Store) -> None:
    await recorded(store)
    await store.scores.save(draft("2001", percent=90.0), at=T0)
    await store.scores.save(draft("2002", percent=60.0), at=T0)
    await store.scores.save(draft("2001", percent=None, i=I2), at=T0)
    await store.comments.add(I1, at_s=1.0, author="2001", text="x", at=T0)
    item = await store.recording_search.get(I1)
    assert item is not None
    assert (item.score, item.unacknowledged, item.comments) == (75.0, 2, 1)
    assert await found(store, scored=True) == [I1]
    assert await found(store, scored=False) == [I3, I2]
    assert await found(store, min_score=75, max_score=75) == [I1]
    assert await found(store, min_score=76) == []
    assert await found(store, max_score=74) == []


async def test_pages_follow_each_other_without_gap_or_overlap(store: Store) -> None:
    await tell(store, *(fact for n in range(7) for fact in handled(interaction(n), T0 + n // 3)))
    seen: list[str] = []
    cursor: str | None = None
    counts = []
    while True:
        page = await store.recording_search.find(RecordingQuery(), cursor=cursor, limit=2)
        seen += [item.interaction_id for item in page.items]
        counts.append(page.count)
        if (cursor := page.next) is None:
            break
    assert seen == [item.interaction_id for item in (await store.recording_search.find(RecordingQuery())).items]
    assert len(set(seen)) == 7
    assert counts == [7, None, None, None]
    with pytest.raises(BadCursor):
        await store.recording_search.find(RecordingQuery(), cursor="yesterday")
