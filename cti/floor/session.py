"""A caller's FastAGI session as the floor needs it, and how the dialplan is told what comes next."""

from typing import Protocol

import structlog

from cti.errors import CtiError, HungUp
from cti.switch.permit import Permit

log = structlog.get_logger(__name__)


class Environment(Protocol):
    @property
    def uniqueid(self) -> str: ...
    @property
    def caller_number(self) -> str: ...
    @property
    def caller_name(self) -> str: ...
    @property
    def dialled_number(self) -> str: ...


class Session(Protocol):
    """What the hotline needs of `cti.agi.session.AgiSession`."""

    @property
    def env(self) -> Environment: ...
    async def stream_file(self, path: str, escape_digits: str = "", *, offset: int = 0) -> tuple[str, int]: ...
    async def wait_for_digit(self, timeout_ms: int) -> str | None: ...
    async def set_music(self, *, on: bool) -> None: ...
    async def set_variable(self, name: str, value: str) -> None: ...
    async def get_variable(self, name: str) -> str | None: ...


async def dial_out(session: Session, permit: Permit) -> bool:
    """The dialplan connects the caller with an outside number. Returns whether it will."""
    await session.set_variable("LD_NUMBER", permit.number)
    return await pass_on(session, "number")


async def pass_on(session: Session, following: str) -> bool:
    """Set LD_DONE on purpose. Returns whether the dialplan will go on with `following`."""
    return await _tell(session, LD_NEXT=following, LD_DONE="1")


async def let_go(session: Session) -> bool:
    """The same for a hang-up from `ld-after`, which every call comes through: its LD_NEXT is empty, and says so."""
    return await _tell(session, LD_DONE="1")


async def _tell(session: Session, **variables: str) -> bool:
    try:
        for name, value in variables.items():
            await session.set_variable(name, value)
    except HungUp:
        return False
    except CtiError as error:
        log.warning("the caller could not be passed on", channel=session.env.uniqueid, reason=str(error))
        return False
    return True
