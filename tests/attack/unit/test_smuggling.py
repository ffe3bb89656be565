"""Texts that people choose - names, numbers, notes - and the languages into which they must not break out."""

import io
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from cti.agi.codec import encode_command
from cti.ami.codec import encode_action, variable
from cti.errors import CtiError, LocalProtocolError
from cti.logs import logs
from cti.mqtt.topics import ROOT, level
from cti.private_asterisk import AgentEndpoint, AsteriskSettings
from cti.private_asterisk.render import write_agents
from cti.store.store import Store
from cti.switch.asterisk import AsteriskSwitch, _caller_id
from cti.switch.permit import Permit
from cti.switch.port import CallerId, Dial, Ring
from tests.unit.web.conftest import World

PAYLOADS = (
    "x\r\n\r\nAction: Originate\r\nChannel: PJSIP/expensive",
    'x\nEXEC System "id"',
    "${SHELL(id)}",
    "$[1+1]",
    "x,LD_CUSTOMER=1",
    "a|b&PJSIP/other@trunk;c",
    'x" <sip:1@evil>',
    "x\\",
    "\0",
    "'; DROP TABLE customers; --",
    "%' OR 1=1 --",
    "_%",
    "=cmd|'/c calc'!A1",
    "../../etc/passwd",
    "a/+/#",
    "\x1b[31mred",
    "\u2028line\u2029paragraph\x85next",
    "]\n[laidian]\nsecret = x",
    "#include /etc/passwd",
    "名字" * 2000,
)


class Wire:
    """An `Ami` that writes what would be sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def action(self, name: str, fields: dict[str, str]) -> dict[str, str]:
        self.sent.append(encode_action(name, fields, "a-1"))
        return {}


@pytest.mark.parametrize("text", PAYLOADS)
async def test_every_order_to_asterisk_stays_one_action(text: str) -> None:
    wire = Wire()
    switch = AsteriskSwitch(wire)  # type: ignore[arg-type]  # takes fewer kinds of fields than the real one
    orders: tuple[Callable[[], Awaitable[None]], ...] = (
        lambda: switch.ring(_ring(text)),
        lambda: switch.dial(_dial(text)),
        lambda: switch.set_variable("c", "LD_X", text),
        lambda: switch.to_number("c", Permit(text, "p1")),
        lambda: switch.record("c", f"/var/spool/{text}.raw"),
        lambda: switch.hang_up(text),
        lambda: switch.send_keys("leg", text[:40]),
        lambda: switch.silence("c", text),
    )
    for order in orders:
        try:
            await order()
        except (LocalProtocolError, ValueError):  # ValueError: no number, no permit
            continue
    for sent in wire.sent:
        assert sent.endswith(b"\r\n\r\n")
        assert sent.count(b"\r\n\r\n") == 1
        lines = sent[:-4].split(b"\r\n")
        assert not any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines)
        assert [line for line in lines if line.startswith(b"Action: ")] == lines[:1]
        dialled = [line for line in lines if line.startswith(b"Channel: PJSIP/") and line.endswith(b"@trunk")]
        assert all(set(line[15:-6]) <= set(b"+0123456789") for line in dialled)


def _ring(text: str) -> Ring:
    caller = CallerId(text, text)
    return Ring(channel="ld-1", endpoint="d1001", context="ld-agent", caller=caller, ring_s=5, variables={"LD_X": text})


def _dial(text: str) -> Dial:
    caller = CallerId(text, text)
    return Dial(
        channel="ldc-1",
        permit=Permit(text, "p1"),
        context="ld-called",
        caller=caller,
        ring_s=5,
        variables={"LD_X": text},
    )


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_caller_id_and_a_variable_keep_their_quotes(text: str) -> None:
    shown = _caller_id(CallerId(text, text))
    name, _, number = shown.rpartition(" <") if shown.startswith('"') else ("", "", shown.removeprefix("<"))
    assert name.count('"') in {0, 2}
    assert number.rstrip(">").isalnum() or not number.rstrip(">").strip("+*#") or set("+*#") & set(number)
    assert not set("<>\\\r\n\0") & set(name)
    value = variable("LD_X", text)
    unescaped = value.replace("\\\\", "").replace('\\"', "").replace("\\,", "").replace("\\(", "").replace("\\)", "")
    assert not set(',"()') & set(unescaped)


@pytest.mark.parametrize("text", PAYLOADS)
def test_an_agi_argument_stays_one_argument(text: str) -> None:
    try:
        line = encode_command("SET VARIABLE", "LD_X", text)
    except LocalProtocolError:
        return
    assert line.count(b"\n") == 1
    inside = line.decode()[len('SET VARIABLE "LD_X" "') : -2]
    assert '"' not in inside.replace("\\\\", "").replace('\\"', "")


@pytest.mark.parametrize("text", PAYLOADS)
def test_an_agents_name_stays_in_its_line_of_asterisks_configuration(tmp_path: Path, text: str) -> None:
    """Two agents with the same secrets, one of them with a nasty name: as many lines, as many sections."""
    rendered = []
    for name in ("李娜", text):
        settings = AsteriskSettings(run_dir=tmp_path)
        agent = AgentEndpoint(extension="1001", phone_secret="s1", browser_secret="s2", name=name)
        write_agents(settings, (agent,))
        files = [(tmp_path / "etc" / file).read_text() for file in ("pjsip_agents.conf", "queues_agents.conf")]
        rendered.append([[line.split("=")[0].split("{")[0] for line in file.split("\n")] for file in files])
        for file in files:
            assert not any(line.lstrip().startswith("#") for line in file.split("\n"))
            assert len(file.splitlines()) >= file.count("\n")
    assert rendered[0] == rendered[1]


@pytest.mark.parametrize("text", ["1001\n[x]", "a b", "1001;x", "", "../x", "d1001=x", "[x]"])
def test_an_extension_that_could_break_out_is_refused(text: str) -> None:
    with pytest.raises(CtiError, match="extension"):
        AgentEndpoint(extension=text, phone_secret="s1")


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_topic_has_the_levels_that_we_gave_it(text: str) -> None:
    topic = f"{ROOT}/site/agent/{level(text)}/state"
    assert topic.count("/") == 5
    assert not set("+#\0\r\n") & set(topic)


@contextmanager
def logged(form: logs.Format) -> Iterator[io.StringIO]:
    before, file = structlog.get_config(), io.StringIO()
    logs.configure(form=form, file=file)
    try:
        yield file
    finally:
        structlog.configure(**before)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("text", PAYLOADS)
def test_a_line_of_the_log_stays_one_line(form: logs.Format, text: str) -> None:
    with logged(form) as file:
        structlog.get_logger().warning("a caller came", name=text, data=text.encode(), reason=ValueError(text))
    written = file.getvalue()
    assert len(written.splitlines()) == 1, written
    assert not set("\x1b\0\r") & set(written)


async def test_sql_takes_every_text_as_a_text(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/laidian.db", spool=tmp_path / "spool")
    try:
        for count, text in enumerate(PAYLOADS):
            await store.customers.find_or_create(f"+86139000001{count:02}", caller_name=text, at=1.0)
        assert len(await store.customers.search("139000001", limit=100)) == len(PAYLOADS)
        for text in PAYLOADS:
            wanted = text.replace("\0", "").strip()[:100]
            for one in await store.customers.search(wanted, limit=100) if wanted else ():
                assert wanted.casefold() in one.name.casefold(), (wanted, one.name)
        assert len(await store.customers.search("139000001", limit=100)) == len(PAYLOADS)
    finally:
        await store.close()


async def test_texts_with_nul_are_refused_at_the_door(world: World) -> None:
    """PostgreSQL keeps no NUL in a text; one would spoil the batch that it is in."""
    async with world.client("anna") as client:
        response = await client.post("/api/v1/customers/7/notes", json={"text": "a\0b"})
        assert (response.status, (await response.json())["code"]) == (422, "bad_request")
        response = await client.post("/api/v1/customers/7/notes", json={"text": "a\\u0000b"})
        assert response.status == 201  # five characters, none of them NUL
        assert (await client.get("/api/v1/customers?q=%00")).status == 422
        assert (await client.get("/api/v1/recordings/%00/audio")).status == 404
        assert (await client.get("/api/v1/interactions/i1%00")).status == 404


def test_there_is_no_csv_export() -> None:
    """Where one comes to be, a cell that begins with = + - @ must be quoted as a text; then this test tells."""
    here = Path(__file__).parents[3] / "cti"
    writers = [
        file.name for file in here.rglob("*.py") if "csv.writer" in file.read_text() or "DictWriter" in file.read_text()
    ]
    assert writers == []
