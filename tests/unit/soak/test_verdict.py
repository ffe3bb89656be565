"""What `make soak` judges by."""

import msgspec

from cti.simulated.sipp import SippCounts
from tests.bench.ours import Books
from tests.soak.soak import WARM_CALLS, Kept, Verdict, judge, told

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


def growing(share: float) -> list[tuple[float, float]]:
    return [(ended, 100 * (1 + share * ended / CALLS)) for ended, _ in FLAT]


def test_memory_that_grows_fails() -> None:
    assert judged(rss=growing(0.1)).result == "PASS"  # 3.8 % from the first tenth after the middle to the last
    assert judged(rss=growing(0.2)).result == "FAIL"
    assert judged(rss=[]).result == "FAIL"  # nothing was measured
    assert judged(rss=FLAT[:60]).result == "FAIL"  # nothing was measured at the end


def test_a_leak_that_is_too_small_to_fail_is_told() -> None:
    verdict = judged(rss=growing(0.1))
    assert verdict.bytes_a_call == round(10 * 2**20 / CALLS)
    assert "memory +3.8% after warm-up (105.5 to 109.5 MB, 1049 bytes a call)" in told(verdict)


def test_what_is_given_back_at_the_end_was_taken() -> None:
    rss = [(ended, 150.0 if 0.7 * CALLS <= ended < 0.8 * CALLS else 100.0) for ended, _ in FLAT]
    assert (judged(rss=rss).result, judged(rss=rss).growth) == ("FAIL", 0.5)


def test_what_warms_up_is_not_growth() -> None:
    verdict = judged(rss=[(ended, min(150.0, 80 + ended / 50)) for ended, _ in FLAT])
    assert (verdict.result, verdict.growth, verdict.rss[0], verdict.rss[9]) == ("PASS", 0, 89, 150)


def test_the_sentence_says_what_leaked() -> None:
    verdict = judged(after=msgspec.structs.replace(NOTHING, tasks=14))
    assert told(verdict).startswith(
        "Soak FAIL: 10,000 calls at 20/s in 500 s, 0 failed, 10,020 handled, 10,020 recorded;"
    )
    assert told(verdict).endswith("leaked: 2 tasks.")


def test_lost_calls_fail() -> None:
    assert judged(failed=11).result == "FAIL"


def test_a_recording_that_failed_and_said_so_keeps_its_raw_file() -> None:
    one_raw = msgspec.structs.replace(NOTHING, raw=1)
    assert judged(after=one_raw, unusable=1).result == "PASS"
    assert judged(after=one_raw).leaked == {"raw": 1}
    assert judged(after=msgspec.structs.replace(NOTHING, raw=11), unusable=11).result == "FAIL"
