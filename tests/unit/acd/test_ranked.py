"""The ordered sets under every queue and every choice of agent."""

from hypothesis import given
from hypothesis import strategies as st

from cti.acd.ranked import Lineup, Ranked

_ITEMS = st.sampled_from("abcdefgh")
_STEPS = st.lists(st.tuples(_ITEMS, st.none() | st.integers(0, 3)), max_size=300)


@given(_STEPS)
def test_it_equals_a_sorted_dictionary(steps: list[tuple[str, int | None]]) -> None:
    ranked: Ranked[str] = Ranked()
    lineup: Lineup[str] = Lineup()
    model: dict[str, int] = {}
    for item, rank in steps:
        if rank is None:
            ranked.discard(item)
            lineup.discard(item)
            model.pop(item, None)
        else:
            ranked.put(item, (rank,))
            lineup.put(item, (rank,))
            model[item] = rank
        in_order = sorted(model, key=lambda one: (model[one], one))
        assert ranked.first() == (in_order[0] if in_order else None)
        assert list(ranked) == list(lineup) == in_order
        assert len(ranked) == len(lineup) == len(model)
        assert [lineup.place(one) for one in in_order] == list(range(len(in_order)))
        assert lineup.firsts(3) == ranked.firsts(3) == in_order[:3]
        assert lineup.last() == (in_order[-1] if in_order else None)


def test_items_that_come_and_go_leave_nothing_behind() -> None:
    ranked: Ranked[str] = Ranked()
    ranked.put("first", (0,))
    for turn in range(10_000):
        ranked.put("other", (turn + 1,))
        ranked.discard("other")
    assert len(ranked._heap) < 100
