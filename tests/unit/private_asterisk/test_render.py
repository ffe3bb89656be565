"""What is written into Asterisk's configuration, and what is refused."""

import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cti.errors import Unusable
from cti.private_asterisk import AgentEndpoint, AsteriskSettings, Installation, ports
from cti.private_asterisk.allow_list import missing_modules
from cti.private_asterisk.model import REPOSITORY
from cti.private_asterisk.process import port_complaint
from cti.private_asterisk.render import render_all, write_agents

Render = Callable[..., Path]


def installation(folder: Path, version: tuple[int, int] = (22, 10), *, without: str = "") -> Installation:
    """An Asterisk that has every module that our allow-list names, except `without`."""
    modules = folder / "modules"
    modules.mkdir(exist_ok=True)
    for line in (REPOSITORY / "asterisk" / "modules.conf").read_text().splitlines():
        name = line.partition("=")[2].strip()
        if line.startswith("require") and name != f"{without}.so":
            (modules / name).touch()
    return Installation(("asterisk",), version, modules, folder / "share")


@pytest.fixture
def render(tmp_path: Path) -> Render:
    def rendered(version: tuple[int, int] = (22, 10), without: str = "", **given: object) -> Path:
        settings = AsteriskSettings(run_dir=tmp_path / "run", **given)  # type: ignore[arg-type]
        render_all(settings, installation(tmp_path, version, without=without))
        return tmp_path / "run" / "etc"

    return rendered


def section(text: str, name: str) -> list[str]:
    """The lines of all sections of this name, as Asterisk reads them."""
    inside, lines = False, []
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.split("]")[0] == f"[{name}"
        elif inside and line.strip() and not line.startswith(";"):
            lines.append(line)
    return lines


def test_everything_listens_on_loopback_unless_told_otherwise(render: Render) -> None:
    etc = render(sip_port=5062, ws_port=8089, ami_port=5039)
    pjsip = (etc / "pjsip.conf").read_text()
    assert "bind = 127.0.0.1:5062" in pjsip
    assert "bind = 127.0.0.1:8089" in pjsip
    assert pjsip.count("bind_rtp_to_media_address = yes") == 2
    assert "bindaddr = 127.0.0.1" in (etc / "http.conf").read_text()
    assert {"bindaddr = 127.0.0.1", "port = 5039"} <= set((etc / "manager.conf").read_text().splitlines())
    assert not [
        path.name for path in etc.iterdir() if "0.0.0.0" in path.read_text().replace("deny = 0.0.0.0/0.0.0.0", "")
    ]


def test_a_configured_address_is_used_for_phones_and_never_for_managers(render: Render) -> None:
    etc = render(bind="0.0.0.0", sip_port=5060)
    assert "bind = 0.0.0.0:5060" in (etc / "pjsip.conf").read_text()
    assert "media_address" not in (etc / "pjsip.conf").read_text()
    assert "bindaddr = 127.0.0.1" in (etc / "manager.conf").read_text()


def test_the_daemons_account_has_least_privileges_and_no_console(render: Render) -> None:
    lines = section((render(ami_user="laidian", ami_secret="s3") / "manager.conf").read_text(), "laidian")
    assert "secret = s3" in lines
    assert "read = system,call,dtmf,user" in lines
    assert "write = system,call,originate,reporting" in lines
    assert "eventfilter(action(exclude),name(VarSet)) =" in lines


def test_an_asterisk_before_named_filters_gets_the_old_ones(render: Render) -> None:
    lines = section((render((20, 6)) / "manager.conf").read_text(), "laidian")
    assert "eventfilter = !Event: VarSet$" in lines
    assert not [line for line in lines if "action(exclude)" in line]


def test_a_witness_exists_only_when_asked_for(render: Render) -> None:
    assert not section((render() / "manager.conf").read_text(), "witness")
    lines = section((render(witness=True, witness_secret="w") / "manager.conf").read_text(), "witness")
    assert {"secret = w", "read = all", "write = reporting"} <= set(lines)


def test_agents_get_the_phones_for_which_they_have_secrets(render: Render) -> None:
    etc = render(
        agents=(
            AgentEndpoint(extension="1001", phone_secret="ps", browser_secret="bs", name="王芳"),
            AgentEndpoint(extension="1002", contact="sip:127.0.0.1:5090"),
            AgentEndpoint(extension="1003"),
        )
    )
    text = (etc / "pjsip_agents.conf").read_text()
    assert "password = ps" in section(text, "d1001")
    assert "password = bs" in section(text, "w1001")
    assert 'callerid = "王芳" <1001>' in section(text, "w1001")
    assert "contact = sip:127.0.0.1:5090" in section(text, "d1002")
    assert not section(text, "w1002")
    assert not section(text, "d1003")
    members = (etc / "queues_agents.conf").read_text().splitlines()[1:]
    assert members == [
        "member => PJSIP/d1001,0,王芳,PJSIP/d1001",
        "member => PJSIP/w1001,0,王芳,PJSIP/w1001",
        "member => PJSIP/d1002,0,1002,PJSIP/d1002",
    ]


def test_files_with_secrets_are_readable_by_their_owner_only(render: Render) -> None:
    etc = render()
    assert stat.S_IMODE((etc / "manager.conf").stat().st_mode) == 0o600
    assert stat.S_IMODE((etc / "pjsip_agents.conf").stat().st_mode) == 0o600


def test_rewriting_agents_replaces_all_of_them(render: Render, tmp_path: Path) -> None:
    etc = render(agents=(AgentEndpoint(extension="1001", phone_secret="a"),))
    write_agents(AsteriskSettings(run_dir=tmp_path / "run"), (AgentEndpoint(extension="1009", phone_secret="b"),))
    text = (etc / "pjsip_agents.conf").read_text()
    assert "1001" not in text
    assert section(text, "d1009")


@pytest.mark.parametrize("name", ['x"\nsecret=1', "[general]", "a;b", "李\r\n雷", "a\\"])
def test_a_name_cannot_break_out_of_its_line(render: Render, name: str) -> None:
    text = (
        render(agents=(AgentEndpoint(extension="1001", phone_secret="a", name=name),)) / "pjsip_agents.conf"
    ).read_text()
    [line] = [line for line in text.splitlines() if line.startswith("callerid")]
    assert line.endswith('" <1001>')
    assert not set(line.removeprefix('callerid = "').removesuffix('" <1001>')) & set('"[];\\<>')


@pytest.mark.parametrize(
    "given",
    [
        {"extension": ""},
        {"extension": "10\n01"},
        {"extension": "1001", "phone_secret": "a\nb"},
        {"extension": "1001", "browser_secret": "a;b"},
        {"extension": "1001", "contact": "sip:1@h\nqualify=1"},
    ],
)
def test_values_that_could_break_out_of_their_line_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(Unusable, match="agent "):
        AgentEndpoint(**given)


def test_secrets_are_not_shown_when_settings_are_printed(tmp_path: Path) -> None:
    agent = AgentEndpoint(extension="1001", phone_secret="top1", browser_secret="top2")
    settings = AsteriskSettings(run_dir=tmp_path, ami_secret="top3", witness_secret="top4", agents=(agent,))
    assert "top" not in repr(settings)


def test_a_missing_module_is_named_with_the_folder(render: Render, tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        render(without="app_mixmonitor")
    assert str(caught.value) == f"this Asterisk lacks app_mixmonitor (looked in {tmp_path / 'modules'})"


def test_modules_that_are_commented_out_are_not_required() -> None:
    conf = "[modules]\nautoload = no\nrequire = a.so\n;require = b.so\nload = c.so ; why\n"
    assert missing_modules(conf, frozenset()) == ["a", "c"]
    assert missing_modules(conf, frozenset({"a", "c"})) == []


def test_the_dialplan_is_included_where_it_lies(render: Render) -> None:
    text = (render(agi_port=4573, patience_s=7) / "extensions.conf").read_text()
    assert "LD_AGI=127.0.0.1:4573" in text
    assert "LD_PATIENCE=7" in text
    assert f'#include "{REPOSITORY / "dialplan" / "trunk.conf"}"' in text


def test_no_pattern_of_the_dialplan_catches_special_extensions() -> None:
    for path in (REPOSITORY / "dialplan").glob("*.conf"):
        extensions = [
            line.split("=>")[1].split(",")[0].strip()
            for line in path.read_text().splitlines()
            if line.startswith("exten")
        ]
        assert extensions
        assert not [ext for ext in extensions if ext.startswith(("_.", "_!"))]


def test_a_port_in_use_is_named_with_its_setting() -> None:
    with socket.socket(socket.AF_INET, ports.TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Unusable) as caught:
            ports.claim_port("AMI port", "127.0.0.1", port, ports.TCP)
        assert str(caught.value) == f"AMI port 127.0.0.1:{port} cannot be used: address already in use"


def test_a_port_of_zero_is_any_free_one_and_rtp_ranges_are_even() -> None:
    assert ports.claim_port("SIP port", "127.0.0.1", 0, ports.UDP) > 0
    first = ports.pick_rtp_range(1000)
    assert first % 2 == 0
    assert ports.FIRST_OF_RTP <= first <= ports.LAST_OF_RTP - 1000


def test_the_log_line_about_a_port_is_found() -> None:
    bad = "[x] ERROR[1] tcptls.c: Unable to bind HTTP to 127.0.0.1:8088: Address already in use"
    assert port_complaint(f"[x] NOTICE[1] fine\n{bad}\n") == bad
    assert port_complaint("[x] NOTICE[1] fine\n") == ""
