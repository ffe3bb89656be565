"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for who has lost the app."""

import base64
import secrets
import time
from collections.abc import Callable
from typing import Final

import pyotp

from cti.errors import Conflict
from cti.events import Role
from cti.web.errors import CodeRequired, Unauthorised
from cti.web.ports_login import FactorRecord, Factors
from cti.web.resources_login import Enrolment, FactorView, RecoveryCodes
from cti.web.sealing import Seal

STEP_S: Final = 30
WINDOW: Final = (0, -1, 1)
"""A clock may be one step off, either way (RFC 6238, section 5.2)."""
RECOVERY_CODES: Final = 10
_CODE_BYTES: Final = 10
WRONG: Final = "this code is wrong, or was used before"


class SecondFactors:
    """`offered`: people may enrol. `required_for`: roles that cannot do without."""

    def __init__(
        self,
        stored: Factors,
        seal: Seal,
        *,
        offered: bool,
        required_for: frozenset[Role],
        issuer: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._stored = stored
        self._seal = seal
        self._offered = offered
        self._required_for = required_for
        self._issuer = issuer
        self._clock = clock

    async def view(self, login: str, role: Role) -> FactorView:
        factor = await self._in_force(login)
        return FactorView(
            offered=self._offered,
            required=role in self._required_for,
            enrolled=factor is not None,
            codes_left=factor.codes_left if factor is not None else 0,
        )

    async def lacks(self, login: str, role: Role) -> bool:
        """Whether somebody of this role has to enrol first."""
        return role in self._required_for and await self._in_force(login) is None

    async def check(self, login: str, code: str) -> None:
        """Raises CodeRequired when there is a factor and no code came, Unauthorised when it is not the right one."""
        factor = await self._in_force(login)
        if factor is None:
            return
        if not code:
            raise CodeRequired("a code of the second factor is needed")
        if not await self._matches(login, factor, code):
            raise Unauthorised(WRONG)

    async def _in_force(self, login: str) -> FactorRecord | None:
        factor = await self._stored.get(login) if self._offered else None
        return factor if factor is not None and factor.confirmed_at is not None else None

    async def _matches(self, login: str, factor: FactorRecord, code: str) -> bool:
        plain = "".join(code.split()).replace("-", "").upper()
        step = self._step_of(login, factor, plain)
        if step is not None:
            return await self._stored.use_step(login, step)
        return await self._stored.use_code(login, plain, at=self._clock())

    def _step_of(self, login: str, factor: FactorRecord, code: str) -> int | None:
        """Which time step has this code, among those that are near enough."""
        if not (code.isascii() and code.isdecimal()):
            return None
        totp, now = pyotp.HOTP(self._seal.open(factor.sealed, login)), int(self._clock()) // STEP_S
        return next((now + off for off in WINDOW if secrets.compare_digest(totp.at(now + off), code)), None)

    async def begin(self, login: str) -> Enrolment:
        """A new secret, which is not in force before `confirm`. Raises Conflict when one is, or none is offered."""
        if not self._offered:
            raise Conflict("second factors are not used here", "off")
        secret = pyotp.random_base32()
        await self._stored.begin(login, self._seal.close(secret, login))
        uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=self._issuer)
        return Enrolment(uri=uri, secret=secret)

    async def confirm(self, login: str, code: str) -> RecoveryCodes:
        """The app shows the right code: from now on log-ins need one. Raises Conflict and Unauthorised."""
        factor = await self._stored.get(login)
        if factor is None or factor.confirmed_at is not None:
            raise Conflict("no second factor waits to be confirmed", "enrolled" if factor else "none")
        step = self._step_of(login, factor, "".join(code.split()))
        if step is None:
            raise Unauthorised(WRONG)
        codes = _codes()
        await self._stored.confirm(login, step=step, codes=[one.replace("-", "") for one in codes], at=self._clock())
        return RecoveryCodes(codes=codes)

    async def renew_codes(self, login: str) -> RecoveryCodes:
        """Those of before count no more. Raises Conflict."""
        if await self._in_force(login) is None:
            raise Conflict("there is no second factor", "none")
        codes = _codes()
        await self._stored.renew_codes(login, [one.replace("-", "") for one in codes])
        return RecoveryCodes(codes=codes)

    async def remove(self, login: str) -> bool:
        """Whether there was one."""
        return await self._stored.remove(login)

    def must_keep(self, role: Role) -> bool:
        return role in self._required_for


def _codes() -> tuple[str, ...]:
    """80 random bits each, in groups of four."""
    plain = (base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode() for _ in range(RECOVERY_CODES))
    return tuple("-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in plain)
