"""One command of a browser: decoded, checked against the role table, executed, answered. Knows nothing of sockets."""

import msgspec
import structlog

from cti.errors import Forbidden
from cti.rights import COMMAND, Actor
from cti.web.encoding import NUL, TOO_DEEP, holds_nul
from cti.web.errors import INTERNAL, BadInput, described
from cti.web.known import LoggedIn
from cti.web.messages import ROLES, AnyCommand, Problem, Reply
from cti.web.site import Site

log = structlog.get_logger(__name__)


class _Numbered(msgspec.Struct):
    """What is read of a command that is wrong otherwise, so that its sender gets an answer to it."""

    id: int = 0
    cmd: str = ""


_decoder = msgspec.json.Decoder(AnyCommand)
_numbered = msgspec.json.Decoder(_Numbered)


async def answer(raw: str | bytes, known: LoggedIn, site: Site) -> Reply:
    """Never raises: whatever goes wrong stands in the reply."""
    actor = known.actor
    try:
        command: AnyCommand = _decoder.decode(raw)
    except msgspec.MsgspecError as error:
        return _refused(_number(raw), error)
    except RecursionError:
        return _refused(0, BadInput(TOO_DEEP))
    if holds_nul(raw if isinstance(raw, bytes) else raw.encode()):
        return _refused(command.id, BadInput(NUL))
    try:
        check_role(command, actor)
        check_scope(known)
        result = await site.floor.execute(command, actor)
    except Forbidden as refusal:
        site.audited(actor, name_of(command), subject_of(command), allowed=False, detail=str(refusal))
        return _refused(command.id, refusal)
    except Exception as error:  # noqa: BLE001 - one command that fails must not end the browser's connection
        return _refused(command.id, error)
    return Reply(id=command.id, ok=True, result=result)


def check_role(command: AnyCommand, actor: Actor) -> None:
    """Raises Forbidden; a command that stands in no row of the table is refused to everybody."""
    if actor.role not in ROLES.get(type(command), frozenset()):
        raise Forbidden(f"{name_of(command)} is not for the role {actor.role}")


def check_scope(known: LoggedIn) -> None:
    """Raises Forbidden for a program that may look but not order."""
    if known.scopes is not None and COMMAND not in known.scopes:
        raise Forbidden(f"this token has not the scope {COMMAND}")


def name_of(command: AnyCommand) -> str:
    return str(command.__struct_config__.tag)


def subject_of(command: AnyCommand) -> str:
    """Whom or what the command is about, for the audit."""
    return str(getattr(command, "agent_id", "") or getattr(command, "interaction_id", ""))


def _number(raw: str | bytes) -> int:
    try:
        return _numbered.decode(raw).id
    except (msgspec.MsgspecError, RecursionError):
        return 0


def _refused(number: int, error: Exception) -> Reply:
    found = described(error)
    if found is None:
        log.error("command failed", exc_info=error)
    problem: Problem = found[1] if found is not None else INTERNAL
    return Reply(id=number, ok=False, error=problem)
