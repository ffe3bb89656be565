"""`/metrics` and `/readyz` of a daemon that takes a call."""

import os
import signal
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from cti.events import InteractionConnected, InteractionEnded, LinkLost, RecordingPublished
from tests.harness.house import House, open_house, until

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def scraped(http: aiohttp.ClientSession, house: House) -> Figures:
    async with http.get(f"{house.daemon.url}/metrics") as response:
        assert response.status == 200
        text = await response.text()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def ready(http: aiohttp.ClientSession, house: House) -> tuple[int, dict[str, str]]:
    async with http.get(f"{house.daemon.url}/readyz") as response:
        return response.status, (await response.json())["checks"]


async def test_a_call_in_the_figures(tmp_path: Path) -> None:
    queue = (("queue", "after_sales"),)
    async with (
        open_house(tmp_path) as house,
        aiohttp.ClientSession() as http,
        house.agent("1001") as agent,
        house.caller() as caller,
    ):
        assert await ready(http, house) == (200, {"asterisk": "ok", "agi": "ok", "database": "ok"})
        before = await scraped(http, house)
        assert before["laidian_ami_connected", (("node", "asterisk"),)] == 1
        assert before["laidian_channels", ()] == 0
        assert before["laidian_agents", (("state", "logged_out"),)] == 5
        await agent.play(1000)
        await caller.play(440)
        queued = await house.enter_queue(caller)
        waiting = await scraped(http, house)
        assert waiting["laidian_queue_waiting", queue] == 1
        assert waiting["laidian_agi_connections", ()] == 1
        assert waiting["laidian_interactions", (("state", "queued"),)] == 1
        await agent.answer_all(after=0.1)
        await house.ready("1001")
        await house.wait(InteractionConnected, interaction_id=queued.interaction_id)
        talking = await scraped(http, house)
        assert talking["laidian_interactions", (("state", "connected"),)] == 1
        assert talking["laidian_queue_longest_wait_seconds", queue] == 0
        assert talking["laidian_channels", ()] == 2
        assert talking["laidian_bridges", ()] == 1
        assert talking["laidian_agents", (("state", "busy"),)] == 1
        await caller.wait_hears({1000})
        await caller.hang_up()
        await house.wait(InteractionEnded)
        await house.wait(RecordingPublished)
        await until(lambda: not house.daemon.tracker.channels(), "Asterisk has hung up both")
        after = await scraped(http, house)
        assert after["laidian_interactions_ended_total", (("outcome", "handled"),)] == 1
        assert after["laidian_offers_ended_total", (("end", "answered"),)] == 1
        assert after["laidian_queue_wait_seconds_count", queue] == 1
        assert after["laidian_recordings_published_total", ()] == 1
        assert after["laidian_recordings_pending", ()] == 0
        assert after["laidian_channels", ()] == after["laidian_agi_connections", ()] == 0
        assert after["laidian_event_age_seconds_count", (("node", "asterisk"),)] > 5
        assert after["laidian_ami_round_trip_seconds_count", (("node", "asterisk"),)] >= 1
        assert after["laidian_event_loop_lag_seconds_count", ()] > 10
        assert after["laidian_disk_free_bytes", (("folder", "recordings"),)] > 0
        assert after["process_resident_memory_bytes", ()] > 10e6
        os.kill(house.asterisk.pid, signal.SIGKILL)
        await house.wait(LinkLost)
        assert await ready(http, house) == (503, {"asterisk": "failed", "agi": "ok", "database": "ok"})
        assert (await scraped(http, house))["laidian_ami_connected", (("node", "asterisk"),)] == 0
