"""What comes out of a page's phone, judged by tones, as `cti.simulated.phone` judges what another phone hears."""

import asyncio
import time
from collections.abc import Iterable

from cti.simulated.phone import Phone
from cti.simulated.tones import TONES
from tests.browser.page import Screen

_LISTEN = """
async ([tones, quiet]) => {
  const audio = document.querySelector("audio");
  const stream = audio?.srcObject;
  if (!(stream instanceof MediaStream)) return null;
  const kept = (window.__ear ??= { stream: null, context: new AudioContext(), analyser: null });
  if (kept.stream !== stream) {
    kept.analyser = kept.context.createAnalyser();
    kept.analyser.fftSize = 8192;
    kept.analyser.smoothingTimeConstant = 0;
    kept.context.createMediaStreamSource(stream).connect(kept.analyser);
    kept.stream = stream;
    await kept.context.resume();
    await new Promise((done) => setTimeout(done, 300));
  }
  const bins = new Float32Array(kept.analyser.frequencyBinCount);
  kept.analyser.getFloatFrequencyData(bins);
  const width = kept.context.sampleRate / kept.analyser.fftSize;
  const at = (hz) => Math.max(...[-2, -1, 0, 1, 2].map((off) => bins[Math.round(hz / width) + off]));
  const loudest = Math.max(...tones.map(at));
  return tones.filter((hz) => at(hz) > quiet && at(hz) > loudest - 15);
}
"""
QUIET_DB = -55.0
"""A tone below it is not there: phones play theirs at about -20 dB in one bin of the spectrum."""
STEADY = 3
POLL_S = 0.2
ON_THE_WAY_S = 1.0
"""What was said before and is still on its way, on a busy machine."""


async def hears(screen: Screen) -> frozenset[int] | None:
    """The tones in the last fifth of a second; None without a call."""
    found = await screen.page.evaluate(_LISTEN, [list(TONES), QUIET_DB])
    return None if found is None else frozenset(found)


async def wait_hears(screen: Screen, tones: Iterable[int], within: float = 20.0) -> None:
    """Until the page's phone plays just these tones, no more and no fewer, several times in a row."""
    wanted, same = frozenset(tones), 0
    deadline = time.monotonic() + within
    while same < STEADY:
        heard = await hears(screen)
        same = same + 1 if heard == wanted else 0
        shown = "no call" if heard is None else sorted(heard)
        assert time.monotonic() < deadline, f"not within {within:g} s: just {sorted(wanted)}; the page hears {shown}"
        await asyncio.sleep(POLL_S)


async def stays_unheard(phone: Phone, hz: int, since: float) -> None:
    """That nothing of this tone comes to the phone from now on; where nobody sends anything, no event can say so."""
    await asyncio.sleep(2.0)
    heard = phone.call.ever_heard(since + ON_THE_WAY_S)
    assert hz not in heard, (
        f"{phone.setup.user} hears {hz} Hz, {time.time() - since:.1f} s after the end of it: {heard}"
    )
