"""What `make soak` judges by."""

import msgspec

from cti.simulated.sipp import SippCounts
from tests.bench.ours import Books
from tests.soak.soak import WARM_CALLS, Kept, Verdict, judge, middle_and_end

CALLS = 10_000
NOTHING = Kept(
    channels=0, bridges=0, agi_connections=0, interactions=0, tasks=12, sockets=9, files=2, raw=0, asterisk_channels=0
)
FLAT = [(float(ended), 100.0) for ended in range(0, CALLS, 100)]


def judged(
    *, after: Kept = NOTHING, rss: list[tuple[float, float]] | None = None, failed: int = 0, unusable: int = 0
) -> Verdict:
    counts = SippCounts(
        created=CALLS, successful=CALLS - failed, failed=failed, most_at_once=60, elapsed_s=1, answered_ms=1
    )
    served = CALLS + WARM_CALLS - failed
    books = Books({"handled": served}, served - unusable, unusable)
    return judge(
        calls=CALLS,
        rate=20,
        seconds=500,
        counts=counts,
        books=books,
        rss=FLAT if rss is None else rss,
        before=NOTHING,
        after=after,
    )


def test_a_clean_run_passes() -> None:
    assert judged().result == "PASS"
    assert judged(failed=10).result == "PASS"


def test_each_leak_fails_by_name() -> None:
    for name in NOTHING.__struct_fields__:
        verdict = judged(after=msgspec.structs.replace(NOTHING, **{name: getattr(NOTHING, name) + 1}))
        assert (verdict.result, verdict.leaked) == ("FAIL", {name: 1})


def test_memory_that_grows_fails() -> None:
    def growing(share: float) -> list[tuple[float, float]]:
        return [(ended, 100 * (1 + share * ended / CALLS)) for ended, _ in FLAT]

    assert judged(rss=growing(0.1)).result == "PASS"  # 3.6 % from the middle to the end
    assert judged(rss=growing(0.2)).result == "FAIL"
    assert judged(rss=[]).result == "FAIL"  # nothing was measured


def test_what_warms_up_is_not_growth() -> None:
    rss = [(ended, min(150.0, 80 + ended / 50)) for ended, _ in FLAT]
    assert middle_and_end(rss, CALLS) == (150, 150)


def test_lost_calls_fail() -> None:
    assert judged(failed=11).result == "FAIL"


def test_a_recording_that_failed_and_said_so_keeps_its_raw_file() -> None:
    one_raw = msgspec.structs.replace(NOTHING, raw=1)
    assert judged(after=one_raw, unusable=1).result == "PASS"
    assert judged(after=one_raw).leaked == {"raw": 1}
    assert judged(after=msgspec.structs.replace(NOTHING, raw=11), unusable=11).result == "FAIL"
