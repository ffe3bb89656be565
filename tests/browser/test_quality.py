"""An encrypted recording with known tones is found, seen, heard and scored; its agent reads that and answers."""

import array
import asyncio
import hashlib
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from cti.events import (
    CommandAudited,
    CustomerIdentified,
    Fact,
    InteractionConnected,
    InteractionEnded,
    InteractionQueued,
    InteractionStarted,
    RecordingPublished,
    SegmentEnded,
    WrapUpSaved,
)
from cti.private_asterisk.model import REPOSITORY
from cti.quality.config import read_scorecards
from cti.quality.scorecard import result
from cti.recording.keys import Key
from cti.recording.sealed import SealingFile
from cti.recording.stitch import RATE, wav_header
from cti.simulated.tones import sine
from cti.store.scores import ScoreDraft
from tests.browser.chromium import Browsers
from tests.browser.page import Screen
from tests.browser.site import open_site
from tests.harness.house import House

CUSTOMER, AGENT = 440, 1000
I = "0mquality00000001"  # noqa: E741  # as the other tests name an interaction
SPOKEN_S, SILENT_S = 2.0, 6.0
"""The customer's tone, then nobody for a while, then the agent's."""
KEY = Key("2026-11", bytes(range(32)))
ENCRYPTED = {"encryption": {"keys": [{"id": KEY.id, "key_command": ["echo", KEY.secret.hex()]}]}}
EVIL = "<img src=/x onerror=alert(1)>"

BARS = """canvas => {
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const tall = [];
  for (let part = 0; part < 10; part++) {
    let highest = 0;
    for (let x = Math.ceil(part * width / 10) + 2; x < (part + 1) * width / 10 - 2; x++) {
      const filled = (y) => pixels[4 * (y * width + x) + 3] > 0;
      let count = 0;
      // Rows near the edge are never part of a bar: what fills them is the mark of a silence.
      if (!filled(0)) for (let y = 0; y < height; y++) count += filled(y) ? 1 : 0;
      highest = Math.max(highest, count / height);
    }
    tall.push(highest);
  }
  return tall;
}"""
"""How tall the bars are, 0 to 1, in each tenth of the recording."""

TAP = """() => {
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      window.tap ??= new AnalyserNode(this.context, { fftSize: 8192, smoothingTimeConstant: 0 });
      connect.call(this, window.tap);
    }
    return connect.call(this, target, ...rest);
  };
}"""
"""What goes to the loudspeaker goes through an analyser too."""

LOUD = """hz => {
  const levels = new Float32Array(window.tap.frequencyBinCount);
  window.tap.getFloatFrequencyData(levels);
  return levels[Math.round(hz * window.tap.fftSize / window.tap.context.sampleRate)];
}"""
"""dB of one frequency in the loudspeaker now."""

SPEED = """async player => {
  const moment = () => [player.currentTime, performance.now() / 1000];
  const begun = performance.now();
  while (player.currentTime < 0.2) {
    if (performance.now() - begun > 15000) throw new Error(`the player stands at ${player.currentTime}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  const [at, since] = moment();
  await new Promise((done) => setTimeout(done, 400));
  const [then, now] = moment();
  return (then - at) / (now - since);
}"""
"""Seconds of the recording in a second of the clock, once it plays."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    (tmp_path / "config").mkdir()
    shutil.copy(REPOSITORY / "config" / "scorecards.example.yaml", tmp_path / "config" / "scorecards.yaml")
    async with open_site(tmp_path, recording=ENCRYPTED) as opened:
        yield opened


async def test_a_recording_is_found_judged_and_the_agent_answers(house: House, chromium: Browsers) -> None:
    await publish(house)
    board = await chromium.open(path="/recordings", language="en-GB")
    await board.log_in("2001")
    await finds(board)
    await sees_the_waveform(board)
    await hears(board)
    await comments(board)
    await scores(board)
    await house.daemon.store.scores.save(second_opinion(house), at=time.time())
    agent = await chromium.open(path="/scores")
    await agent.log_in("1001")
    await acknowledges(agent, house.daemon.url)
    await board.page.reload()
    await board.at("result", interaction=I).click()
    await expect(board.at("score-reply")).to_contain_text("下次一定总结。")
    await expect(board.at("calibration")).to_contain_text("one skipped")
    await expect(board.at("calibration")).to_have_attribute("data-agreement", str(5 / 7))
    audited = [(fact.actor, fact.command) for fact in house.of(CommandAudited, interaction_id=I)]
    assert set(audited) == {
        ("2001", "recording.listen"),
        ("2001", "recording.download"),
        ("2001", "recording.score"),
        ("1001", "recording.listen"),
    }


async def test_a_call_takes_the_agent_from_their_scores_to_the_desk(house: House, chromium: Browsers) -> None:
    """And they may go back to reading, for example while they wrap up."""
    page = await chromium.open(path="/scores")
    await page.log_in("1001")
    await expect(page.at("scores-page")).to_contain_text("还没有评分")
    async with house.agent("1001") as agent, house.caller() as caller:
        await agent.answer_all(after=0.3)
        await house.ready("1001")
        await house.enter_queue(caller, "2")
        await page.phase("connected")
        await page.at("go-scores").click()
        await expect(page.at("scores-page")).to_be_visible()
        await expect(page.at("call")).to_have_count(0)


async def publish(house: House) -> None:
    """A conversation of 1001 with 张伟, as the floor would have told it."""
    folder = house.daemon.settings.path(house.daemon.settings.recordings)
    wav = conversation()
    (folder / "quality").mkdir(parents=True)
    await asyncio.to_thread(encrypt, wav, folder / "quality" / f"{I}.wav")
    at, duration_s = time.time() - 7200, (len(wav) - 44) / 4 / RATE
    number, facts = "+8613900000001", house.daemon.store.writer.on_fact
    told: tuple[Fact, ...] = (
        InteractionStarted(
            at=at, interaction_id=I, medium="voice", channel="c", linkedid="c", customer_number=number,
            caller_name="", dialled="4000",
        ),
        CustomerIdentified(at=at, interaction_id=I, customer_id=1, customer_name="张伟", vip=3),
        InteractionQueued(at=at, interaction_id=I, queue="after_sales", priority=5, queued_at=at),
        InteractionConnected(
            at=at, interaction_id=I, agent_id="1001", segment=1, queue="after_sales", waited_s=1
        ),
        SegmentEnded(
            at=at + 10, interaction_id=I, agent_id="1001", segment=1, talk_s=10, hold_s=0, ended_by="customer"
        ),
        InteractionEnded(at=at + 10, interaction_id=I, outcome="handled", ended_by="customer"),
        RecordingPublished(
            at=at + 11, interaction_id=I, path=f"quality/{I}.wav", started_at=at, duration_s=duration_s,
            size=len(wav), sha256=hashlib.sha256(wav).hexdigest(),
        ),
        WrapUpSaved(at=at + 12, interaction_id=I, agent_id="1001", disposition="delivery.late", note="晚到"),
    )  # fmt: skip
    for fact in told:
        facts(fact)
    assert await house.daemon.store.writer.drain(5)


def encrypt(wav: bytes, file: Path) -> None:
    with file.open("wb") as out:
        sealing = SealingFile(out, I, KEY)
        sealing.write(wav)
        sealing.finish()
    assert b"RIFF" not in file.read_bytes()


def conversation() -> bytes:
    tone, pause = round(SPOKEN_S * RATE), round(SILENT_S * RATE)
    both = array.array("h", bytes(4 * (2 * tone + pause)))
    both[0 : 2 * tone : 2] = array.array("h", sine(CUSTOMER, SPOKEN_S))
    both[2 * (tone + pause) + 1 :: 2] = array.array("h", sine(AGENT, SPOKEN_S))
    return wav_header(len(both) * 2) + both.tobytes()


async def finds(board: Screen) -> None:
    """By every filter at once, then nothing by one more; the keyboard opens it."""
    await expect(board.at("results-total")).to_be_visible()
    await expect(board.at("result").nth(1)).to_be_visible()
    await board.at("find-customer").fill("139 0000 0001")
    await board.at("find-agent").select_option("1001")
    await board.at("find-queue").select_option("after_sales")
    await board.at("more-filters").click()
    await board.at("find-disposition").select_option("delivery.late")
    await board.at("find-scored").select_option("false")
    await board.at("find-length-least").fill("9")
    await board.at("find-length-most").fill("11")
    await board.page.keyboard.press("Enter")
    await expect(board.at("results-total")).to_have_text("Recordings: 1 · 0:10 in all")
    await board.at("find-length-most").fill("9.5")
    await board.at("find").click()
    await expect(board.page.get_by_text("No recordings found")).to_be_visible()
    await board.at("find-length-most").fill("")
    await board.at("find").click()
    await board.at("result", interaction=I).focus()
    await board.page.keyboard.press("Enter")
    await expect(board.at("review", interaction=I)).to_contain_text("张伟")


async def sees_the_waveform(board: Screen) -> None:
    """Tall where the tone is, flat where it is not, on either side by itself."""
    await expect(board.at("waveform")).to_have_attribute("data-buckets", "200")
    customer = await board.at("lane", side="customer").evaluate(BARS)
    ours = await board.at("lane", side="ours").evaluate(BARS)
    assert all(tall > 0.4 for tall in customer[:2]), customer
    assert all(tall < 0.1 for tall in customer[2:]), customer
    assert all(tall < 0.1 for tall in ours[:8]), ours
    assert all(tall > 0.4 for tall in ours[8:]), ours


async def position(board: Screen) -> float:
    found: float = await board.at("review-audio").evaluate("player => player.currentTime")
    return found


async def reaches(board: Screen, at: float, within: float = 15) -> float:
    """How long it took until the player stood there, or beyond."""
    begin = time.monotonic()
    while await position(board) < at:
        assert time.monotonic() - begin < within, f"the player is at {await position(board)}, not yet at {at}"
        await asyncio.sleep(0.03)
    return time.monotonic() - begin


async def seek(board: Screen, share: float) -> None:
    box = await board.at("waveform").bounding_box()
    assert box is not None
    await board.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 4)


async def hears(board: Screen) -> None:
    """The customer's tone, not when the customer is muted; the silence is jumped over when that is wanted."""
    await board.page.evaluate(TAP)
    await board.at("play").click()
    await reaches(board, 0.6)
    assert await board.page.evaluate(LOUD, CUSTOMER) > -40
    assert await board.page.evaluate(LOUD, AGENT) < -70
    await board.at("mute-side", side="customer").click()
    await asyncio.sleep(0.3)
    assert await board.page.evaluate(LOUD, CUSTOMER) < -70
    await board.at("mute-side", side="customer").click()

    await seek(board, 0.3)
    await asyncio.sleep(0.5)
    there = await position(board)
    assert 2.9 < there < 8.0  # silence is heard as it is unless told otherwise
    await board.at("skip-silence").check()
    assert await reaches(board, 8.2) < 8.2 - there
    assert await board.page.evaluate(LOUD, AGENT) > -40

    await board.at("speed").select_option("2")
    await seek(board, 0.0)
    if await board.at("review-audio").evaluate("player => player.paused"):  # it has come to the end meanwhile
        await board.at("play").click()
    assert await board.at("review-audio").evaluate(SPEED) > 1.4
    assert await board.at("review-audio").evaluate("player => player.playbackRate") == 2
    await board.at("play").click()
    await board.at("speed").select_option("1")
    await board.at("skip-silence").uncheck()
    before = await position(board)
    await asyncio.sleep(0.3)
    assert await position(board) == before
    await board.at("waveform").focus()
    await board.page.keyboard.press("Home")
    await board.page.keyboard.press("ArrowRight")
    assert await position(board) == pytest.approx(5.0, abs=0.01)


async def comments(board: Screen) -> None:
    """At the position where the player stands; text stays text."""
    await seek(board, 0.85)
    await expect(board.at("comment-at")).to_have_text("Comment at 0:08")
    await board.at("comment-text").fill(EVIL)
    await board.at("comment-add").click()
    await expect(board.at("comment")).to_contain_text(EVIL)
    await expect(board.at("marker")).to_have_count(1)
    await seek(board, 0.1)
    await board.at("comment-text").fill("to be removed")
    await board.page.keyboard.press("Enter")
    await expect(board.at("comment")).to_have_count(2)
    await board.at("comment").first.locator('[data-testid="comment-remove"]').click()
    await expect(board.at("comment")).to_have_count(1)
    await board.at("comment-edit").click()
    await board.at("comment-edit-text").fill("说得很清楚 <b>")
    await board.page.keyboard.press("Enter")
    await expect(board.at("comment")).to_contain_text("说得很清楚 <b>")
    await board.at("comment-go").click()
    assert await position(board) == pytest.approx(8.5, abs=0.1)
    await expect(board.at("result", interaction=I)).to_contain_text("1")


async def scores(board: Screen) -> None:
    """The percentage is the server's: 1 + 2 + 3 * 4/5 + 5 * 4/5 + 2 + 0 + 2 of 17."""
    best: dict[str, int] = {"greeting": 1, "verified": 1, "listening": 4, "solution": 4, "manner": 5, "summary": 0}
    for code, value in best.items():
        await answer(board, code, value)
    await expect(board.at("score-finish")).to_be_disabled()
    await answer(board, "records", 5)
    await board.at("score-comment").fill("总体不错，忘了总结。")
    await board.picture("recordings")
    await board.at("score-finish").click()
    await expect(board.at("score")).to_have_attribute("data-percent", "78.8")
    await expect(board.at("result", interaction=I)).to_contain_text("78.8%")
    async with board.page.expect_download() as downloading:
        await board.at("download").click()
    assert (await downloading.value).suggested_filename == f"{I}.wav"


async def answer(board: Screen, code: str, value: int) -> None:
    question = board.at("question", question=code)
    await question.locator(f'label:has([data-value="{value}"])').click()


def second_opinion(house: House) -> ScoreDraft:
    settings = house.daemon.settings
    card = read_scorecards(settings.root / "config", settings.queues)[0]
    answers: dict[str, Any] = {
        "greeting": 1, "verified": 1, "listening": 4, "solution": 2, "manner": 5, "summary": None, "records": 5,
    }  # fmt: skip
    return ScoreDraft(
        interaction_id=I, agent_id="1001", scorer="2002", card=card, answers=answers, result=result(card, answers)
    )


async def acknowledges(agent: Screen, url: str) -> None:
    """The agent hears the conversation, reads the comment and the score, may not download, and replies."""
    await expect(agent.at("my-score")).to_have_count(2)
    await agent.at("my-score").filter(has_text="陈静").click()
    await expect(agent.at("comment", mine="false")).to_contain_text("说得很清楚 <b>")
    await expect(agent.at("comment-edit")).to_have_count(0)
    await expect(agent.at("download")).to_have_count(0)
    await expect(agent.at("score")).to_contain_text("忘了总结")
    await expect(agent.at("score-acknowledged")).to_have_attribute("data-done", "false")
    await agent.at("play").click()
    await reaches(agent, 0.3)
    await agent.at("reply").fill("下次一定总结。")
    await agent.at("acknowledge").click()
    await expect(agent.at("score-acknowledged")).to_have_attribute("data-done", "true")
    await expect(agent.at("acknowledge")).to_have_count(0)
    refused = await agent.page.request.get(f"{url}/api/v1/quality/recordings/{I}/download")
    assert refused.status == 403
    await agent.picture("my-scores")
