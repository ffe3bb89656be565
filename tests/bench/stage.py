"""What both sides of a bench stand on: a fresh private Asterisk, SIPp agents and callers, and who watches them.

The product's own templates and dialplan, and beside them the peer's queue and dialplan (`asterisk/`, `dialplan/`), are
in every Asterisk that is started here, so that the two sides differ in nothing but the number that callers dial and in
whether the daemon runs.
"""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cti.private_asterisk import AgentEndpoint, AsteriskSettings, PrivateAsterisk, private_asterisk
from cti.private_asterisk.model import REPOSITORY
from cti.simulated.phone import free_udp_port

HERE = Path(__file__).parent
FIRST_EXTENSION = 1001
RTP_PORTS = 12000
STRAIGHT, MENU = "4000", "4001"
"""What callers of the daemon's side dial: straight into the queue, or through a menu of one key."""
PEER_STRAIGHT, PEER_MENU = "5000", "5001"
"""The same for the plain dialplan."""


@dataclass(frozen=True, slots=True)
class Stage:
    """`contacts`: agent id (and extension) -> where its SIPp answers."""

    root: Path
    asterisk: PrivateAsterisk
    agents_port: int
    contacts: dict[str, str]

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.asterisk.sip_port}"


@contextlib.asynccontextmanager
async def open_stage(
    agents: int, added: Mapping[str, str] | None = None, *, replaced: Mapping[str, str] | None = None
) -> AsyncIterator[Stage]:
    """An Asterisk that has served nobody yet; everything it wrote is removed at the end.

    `added`: text for the end of "templates/<file>" or "dialplan/<file>", which need not be there before; `replaced`:
    text in its place.
    """
    port = free_udp_port()
    extensions = [str(FIRST_EXTENSION + number) for number in range(agents)]
    contacts = {extension: f"sip:{extension}@127.0.0.1:{port}" for extension in extensions}
    with tempfile.TemporaryDirectory(prefix="laidian-bench-") as name:
        root = Path(name)
        templates, dialplan = _templates(root / "templates"), _dialplan(root / "dialplan")
        for file, text in (replaced or {}).items():
            (root / file).write_text(text, encoding="utf-8")
        for file, text in (added or {}).items():
            with (root / file).open("a", encoding="utf-8") as end:
                end.write(text)
        settings = AsteriskSettings(
            run_dir=root / "asterisk",
            recordings_dir=root / "var" / "spool",
            rtp_ports=RTP_PORTS,
            templates_dir=templates,
            dialplan_dir=dialplan,
            agents=tuple(AgentEndpoint(extension=e, contact=contacts[e], phone_secret="bench") for e in extensions),
        )
        async with private_asterisk(settings) as asterisk:
            yield Stage(root, asterisk, port, contacts)


def _templates(folder: Path) -> Path:
    shutil.copytree(REPOSITORY / "asterisk", folder)
    queues = folder / "queues.conf"
    queues.write_text(queues.read_text() + (HERE / "asterisk" / "queues.conf").read_text())
    return folder


def _dialplan(folder: Path) -> Path:
    shutil.copytree(REPOSITORY / "dialplan", folder)
    shutil.copy(HERE / "dialplan" / "peer.conf", folder)
    prompt = REPOSITORY / "ivr_prompts" / "zh" / "8k" / "main_menu"
    (folder / "prompt.conf").write_text(f"[globals]\nLD_BENCH_PROMPT={prompt}\n")
    return folder
