"""Without a word in the configuration nothing listens beyond loopback, neither the daemon nor its Asterisk."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from cti.errors import ConfigError
from cti.settings import read
from tests.harness.apart import open_apart
from tests.harness.house import write_config
from tests.harness.process import all_processes, parent_of
from tests.harness.sockets import bound

PRIVILEGED = 1024


def family(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *(one for child in all_processes() if parent_of(child) == pid for one in family(child))]


async def test_only_loopback_is_bound(tmp_path: Path) -> None:
    async with open_apart(tmp_path) as house:
        daemon = bound(family(house.daemon.process.pid))
        asterisk = bound(family(house.asterisk.pid))
    assert {one.port for one in daemon if one.protocol == "tcp"} == {
        int(house.daemon.url.rpartition(":")[2]),
        house.asterisk.agi_port,
    }
    assert {house.asterisk.ami_port, house.asterisk.sip_port, house.asterisk.ws_port} <= {one.port for one in asterisk}
    outside = {one for one in daemon | asterisk if not ip_address(one.address).is_loopback}
    # PJSIP's resolver has a client's socket for each family, from which it would ask a name server.
    resolver = {one for one in outside if one in asterisk and one.protocol in {"udp", "udp6"} and one.port > PRIVILEGED}
    assert len({one.protocol for one in resolver}) == len(resolver)
    assert outside - resolver == set()


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "::/0"])
def test_an_agi_server_for_the_whole_world_is_refused(tmp_path: Path, everybody: str) -> None:
    write_config(tmp_path, agi={"host": "0.0.0.0", "peers": ["127.0.0.0/8", everybody]})
    with pytest.raises(ConfigError, match=r"laidian\.yaml:\d+: .*name the networks of your Asterisks"):
        read(tmp_path)
    write_config(tmp_path, agi={"host": "0.0.0.0", "peers": ["10.1.2.0/24"]})
    assert read(tmp_path).agi.host == "0.0.0.0"


def test_no_manager_account_is_without_a_list_of_addresses() -> None:
    template = (Path(__file__).parents[3] / "asterisk" / "manager.conf").read_text()
    accounts = template.split("\n[")[1:]
    assert len(accounts) >= 2
    for account in accounts:
        if not account.startswith("general]"):
            assert "deny = 0.0.0.0/0.0.0.0" in account
            assert "permit = 127.0.0.1/255.255.255.255" in account
