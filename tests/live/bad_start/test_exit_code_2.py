"""What makes an installation unusable is one clear sentence on stderr and exit code 2."""

import pytest
import yaml

from cti.settings import read
from tests.harness.house import add_people
from tests.harness.process import Ended, run_laidian
from tests.live.bad_start.conftest import Installation, manager_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


def sentence(ended: Ended) -> str:
    """The last line; what stands before it can only be the log of what went well."""
    assert ended.code == 2, ended
    assert ended.out == ""
    *log, last = ended.err.splitlines()
    assert all(line.startswith("timestamp=") and "level='info'" in line for line in log), ended.err
    return last


async def test_wrong_ami_secret(installation: Installation) -> None:
    (installation.root / "var" / "ami.secret").write_text("wrong")
    assert sentence(await installation.start()) == (
        "Asterisk refuses the manager 'laidian' (Authentication failed): check its name, secret and permit list "
        f"(manager.conf of the Asterisk at 127.0.0.1:{installation.asterisk.ami_port})"
    )


async def test_ami_port_closed(installation: Installation, closed_port: int) -> None:
    installation.change("ami", port=closed_port)
    assert sentence(await installation.start()) == (
        f"Asterisk's manager interface at 127.0.0.1:{closed_port} cannot be used: "
        f"no connection to 127.0.0.1:{closed_port}: Connection refused"
    )


async def test_somebody_else_behind_the_ami_port(installation: Installation) -> None:
    port = installation.asterisk.ws_port
    installation.change("ami", port=port)
    assert sentence(await installation.start()) == (
        f"Asterisk's manager interface at 127.0.0.1:{port} cannot be used: "
        "the manager's greeting did not come within 5 s"
    )


@pytest.mark.parametrize(("section", "name"), [("web", "web"), ("agi", "FastAGI")])
async def test_port_in_use(installation: Installation, taken_port: int, section: str, name: str) -> None:
    installation.change(section, port=taken_port)
    assert (
        sentence(await installation.start())
        == f"the {name} port 127.0.0.1:{taken_port} cannot be used: address already in use"
    )
    assert not (installation.root / "var" / "laidian.db").exists()  # it has not begun with anything


async def test_missing_secret_file(installation: Installation) -> None:
    secret = installation.root / "var" / "ami.secret"
    secret.unlink()
    assert sentence(await installation.start()) == (
        f"the AMI secret cannot be read from {secret}: No such file or directory"
    )


async def test_unknown_key(installation: Installation) -> None:
    installation.change("web", prot=8080)
    file = installation.root / "config" / "laidian.yaml"
    line = 1 + file.read_text().splitlines().index("  prot: 8080")
    assert sentence(await installation.start()) == (
        f"{file}:{line}: unknown key 'prot', expected one of 'host', 'port', 'public_origin', 'secure_cookie', "
        "'trusted_proxies', 'tls'; did you mean 'port'?"
    )


async def test_unknown_step(installation: Installation) -> None:
    file = installation.own_flow("next: recorded", "next: recordde")
    line = 1 + file.read_text().splitlines().index("    next: recordde")
    steps = yaml.safe_load(file.read_text())["steps"]
    assert sentence(await installation.start()) == (
        f"{file}:{line}: unknown step 'recordde', expected one of {', '.join(map(repr, steps))}"
    )


async def test_unknown_type_of_step(installation: Installation) -> None:
    file = installation.own_flow("type: say", "type: sing")
    line = 1 + file.read_text().splitlines().index("    type: sing")
    assert sentence(await installation.start()) == (
        f"{file}:{line}: unknown type 'sing', expected one of 'say', 'menu', 'collect', 'set_language', 'hours', "
        "'lookup', 'queue', 'voicemail', 'transfer', 'return', 'hang_up'"
    )


async def test_two_defects_are_two_lines(installation: Installation) -> None:
    installation.change("web", prot=8080)
    installation.change("agi", port="high")
    ended = await installation.start()
    assert ended.code == 2
    first, second = ended.err.splitlines()
    assert "unknown key 'prot'" in first + second
    assert "'high'" in first + second


async def test_module_missing(installation: Installation) -> None:
    await installation.asterisk.cli("module unload app_chanspy.so")
    try:
        assert sentence(await installation.start()) == "Asterisk's module app_chanspy is needed: Module not loaded"
    finally:
        await installation.asterisk.cli("module load app_chanspy.so")


async def test_asterisk_too_old(installation: Installation) -> None:
    async with manager_of("18.26.4") as port:
        installation.change("ami", port=port)
        assert sentence(await installation.start()) == ("Asterisk 18.26.4 is too old: version 20 or newer is needed")


async def test_no_configuration(installation: Installation) -> None:
    file = installation.root / "config" / "laidian.yaml"
    file.unlink()
    assert sentence(await installation.start()) == f"{file}: there is no such file"


async def test_what_is_known_without_a_start_is_told_by_check(installation: Installation) -> None:
    file = installation.own_flow("next: recorded", "next: recordde")
    ended = await run_laidian("check", "--root", str(installation.root))
    assert ended.code == 2
    assert ended.err.startswith(f"{file}:")


async def test_cycle_of_overflow(installation: Installation) -> None:
    file = installation.root / "config" / "queues.yaml"
    queues = yaml.safe_load(file.read_text())
    queues["queues"]["after_sales"]["way_out"] = "queue:operator"
    queues["queues"]["operator"]["limits"] = [{"when": "nobody", "way_out": "queue:after_sales"}]
    file.write_text(yaml.safe_dump(queues, allow_unicode=True))
    line = 1 + file.read_text().splitlines().index("    - way_out: queue:after_sales")
    text = f"{file}:{line}: a cycle of ways out: after_sales -> operator -> after_sales"
    assert sentence(await installation.start()) == text
    assert not (installation.root / "var" / "laidian.db").exists()  # it has not begun with anything
    ended = await run_laidian("check", "--root", str(installation.root))
    assert (ended.code, ended.out, ended.err) == (2, "", f"{text}\n")


async def test_check_says_what_it_could_not_look_at(installation: Installation) -> None:
    database = installation.root / "var" / "laidian.db"
    nothing = f"there is no database {database} yet"
    ended = await run_laidian("check", "--root", str(installation.root))
    assert (ended.code, ended.out.splitlines()) == (
        0,
        [
            f"warning: whether somebody is there for every queue and skill was not looked at: {nothing}",
            "The configuration is fine.",
        ],
    )
    assert not database.exists()
    await add_people(read(installation.root))
    file = installation.root / "config" / "queues.yaml"
    queues = yaml.safe_load(file.read_text())
    queues["queues"]["complaints"]["skills"] = {"klingon": 3}
    file.write_text(yaml.safe_dump(queues, allow_unicode=True))
    line = 1 + file.read_text().splitlines().index("    skills:")
    ended = await run_laidian("check", "--root", str(installation.root))
    assert (ended.code, ended.out.splitlines()) == (
        0,
        [
            f"warning: {file}:{line}: nobody has these skills at these levels, and no relaxation helps",
            "The configuration is fine.",
        ],
    )
