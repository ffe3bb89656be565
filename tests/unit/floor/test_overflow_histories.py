"""The same histories where hardly anybody is served: waits run out, queues are full or closed, ways out fail."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from cti.acd.limits import Limit
from cti.acd.queue import QueueRules
from cti.calendars.calendar import Calendar
from cti.floor.rules import Announcements, QueueCare
from tests.unit.floor.shop import CARES, QUEUES, Shop
from tests.unit.floor.test_floor_histories import PAUSES, PICK, FloorHistories

AN_HOUR = Calendar(time_zone="UTC", weekly=(((13 * 60, 14 * 60),),) * 7)  # the shop's clock begins at 13:46
WAYS = st.sampled_from(("queue:care", "queue:sales", "voicemail", "number:138", "announcement:full", "callback", ""))


class OverflowHistories(FloorHistories):
    @initialize(seed=st.integers(0, 2**16), ways=st.tuples(WAYS, WAYS, WAYS, WAYS), hours=st.sampled_from((0, 1)))
    def open(self, seed: int, ways: tuple[str, ...], hours: int) -> None:
        sales, care, full, deserted = ways
        queues = (
            QueueRules(
                name="sales",
                ring_s=5,
                wrap_up_s=3,
                max_wait_s=12,
                way_out=sales,
                limits=(Limit(when="length", above=1, way_out=full), Limit(when="nobody", way_out=deserted)),
            ),
            QueueRules(name="care", ring_s=5, wrap_up_s=0, max_wait_s=7, way_out=care),
            *(rules for rules in QUEUES if rules.name not in {"sales", "care"}),
        )
        closing = QueueCare(announcements=Announcements(first_s=3, every_s=4), opening=AN_HOUR, when_closed=full)
        self.shop = Shop(seed, queues=queues, cares={**CARES, "sales": closing} if hours else CARES)
        self.shop.run(0.1)
        self.shop.sign_in("1001")
        self._talk("1001")

    @rule(n=PICK, key=st.sampled_from("1#5"), pause=PAUSES)
    def a_caller_presses_a_key(self, n: int, key: str, pause: float) -> None:
        reached = [c for c in self.shop.exchange.of_kind("customer") if c.session is not None]
        if reached:
            self.shop.loop.call_soon(self.shop.exchange.press, reached[n % len(reached)].uniqueid, key)
            self.shop.run(pause)


OverflowHistories.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestOverflowHistories = OverflowHistories.TestCase
