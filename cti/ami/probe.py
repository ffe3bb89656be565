"""Whether the daemon can start against this Asterisk, asked once before anything else runs."""

import re
from collections.abc import Iterable

from cti.ami.age import EventAge
from cti.ami.client import Account, Timing, dial, version_of
from cti.ami.link import Link, LoginRefused
from cti.errors import ActionFailed, DeadlineExceeded, NotConnected, RemoteProtocolError, Unusable

OLDEST_ASTERISK = 20


async def probe(account: Account, *, modules: Iterable[str] = (), timing: Timing | None = None) -> str:
    """Log in once, look around, log off; returns Asterisk's version.

    Raises Unusable with one clear sentence: port closed, not a manager, wrong secret, Asterisk too old, or one of
    `modules` ("chan_pjsip") not loaded.
    """
    timing = timing or Timing()
    where = f"{account.host}:{account.port}"
    try:
        link = await dial(account, frozenset(), lambda _: None, EventAge(), timing)
    except LoginRefused as error:
        raise Unusable(f"{error} (manager.conf of the Asterisk at {where})") from None
    except (NotConnected, RemoteProtocolError, DeadlineExceeded) as error:
        raise Unusable(f"Asterisk's manager interface at {where} cannot be used: {error}") from None
    try:
        return await _look_around(link, modules, timing)
    except (NotConnected, DeadlineExceeded) as error:
        raise Unusable(f"Asterisk at {where} stopped answering: {error}") from None
    finally:
        link.abort("the probe is over")


async def _look_around(link: Link, modules: Iterable[str], timing: Timing) -> str:
    version = await version_of(link, timing.action_s)
    major = major_version(version)
    if major is not None and major < OLDEST_ASTERISK:
        raise Unusable(f"Asterisk {version} is too old: version {OLDEST_ASTERISK} or newer is needed")
    for module in modules:
        try:
            await link.send("ModuleCheck", {"Module": module}, deadline_s=timing.action_s)
        except ActionFailed as failure:
            raise Unusable(f"Asterisk's module {module} is needed: {failure.message}") from None
    return version


def major_version(version: str) -> int | None:
    """22 of "22.10.0~dfsg", "certified/20.7-cert1" or "GIT-22-abc"; None for what has no number."""
    found = re.search(r"\d+", version)
    return int(found.group()) if found else None
