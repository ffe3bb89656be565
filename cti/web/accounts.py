"""What people change about their own account, and administrators about somebody else's."""

from cti.errors import Conflict, Forbidden, NotFound
from cti.web.auth import Client, Gate
from cti.web.errors import WeakPassword
from cti.web.known import LoggedIn
from cti.web.password_rules import SENTENCES, PasswordRules, Weakness, weakness
from cti.web.passwords import Passwords
from cti.web.ports_login import OwnSessionsPort, Users
from cti.web.resources_login import AccountView, Enrolment, OwnSessions, RecoveryCodes
from cti.web.second_factor import SecondFactors


class Accounts:
    """Whatever changes how somebody logs in takes the password once more, and ends the person's other sessions."""

    def __init__(
        self,
        gate: Gate,
        users: Users,
        sessions: OwnSessionsPort,
        factors: SecondFactors,
        *,
        rules: PasswordRules,
        passwords: Passwords,
    ) -> None:
        self._gate = gate
        self._users = users
        self._sessions = sessions
        self._factors = factors
        self._rules = rules
        self._passwords = passwords

    async def view(self, known: LoggedIn) -> AccountView:
        user = await self._users.get(known.actor.login)
        return AccountView(
            login=user.login,
            via=known.via,
            own_password=bool(user.password_hash),
            min_length=self._rules.min_length,
            second_factor=await self._factors.view(user.login, user.role),
        )

    # --- passwords -------------------------------------------------------------------------------------------------

    async def change_password(self, known: LoggedIn, old: str, new: str, client: Client) -> None:
        """Raises Unauthorised, TooManyAttempts and WeakPassword."""
        login = known.actor.login
        await self._gate.prove(login, old, client)
        if new == old:
            _refuse("same", self._rules)
        await self._set(login, known.actor.name, new, must_change=False)
        await self._gate.end_all(login, but=known.token)

    async def give_password(self, login: str, new: str) -> None:
        """By an administrator; the person chooses another at the next log-in. Raises NotFound and WeakPassword."""
        user = await self._users.get(login)
        await self._set(login, user.name, new, must_change=True)
        await self._gate.end_all(login)

    async def _set(self, login: str, name: str, new: str, *, must_change: bool) -> None:
        found = weakness(new, self._rules, names=(login, name))
        if found is not None:
            _refuse(found, self._rules)
        await self._users.set_password(login, await self._passwords.hashed(new), must_change=must_change)

    # --- second factor ---------------------------------------------------------------------------------------------

    async def enrol(self, known: LoggedIn, password: str, client: Client) -> Enrolment:
        """Raises Unauthorised, TooManyAttempts and Conflict."""
        await self._gate.prove(known.actor.login, password, client)
        return await self._factors.begin(known.actor.login)

    async def confirm(self, known: LoggedIn, code: str) -> RecoveryCodes:
        """Raises Unauthorised and Conflict."""
        codes = await self._factors.confirm(known.actor.login, code)
        await self._gate.end_all(known.actor.login, but=known.token)
        return codes

    async def renew_codes(self, known: LoggedIn, password: str, client: Client) -> RecoveryCodes:
        await self._gate.prove(known.actor.login, password, client)
        return await self._factors.renew_codes(known.actor.login)

    async def give_up(self, known: LoggedIn, password: str, client: Client) -> None:
        """Raises Forbidden for a role that cannot do without."""
        if self._factors.must_keep(known.actor.role):
            raise Forbidden(f"the role {known.actor.role} needs a second factor")
        await self._gate.prove(known.actor.login, password, client)
        await self._factors.remove(known.actor.login)
        await self._gate.end_all(known.actor.login, but=known.token)

    async def take_factor(self, login: str) -> None:
        """By an administrator, for who has lost app and codes. Raises NotFound and Conflict."""
        await self._users.get(login)
        if not await self._factors.remove(login):
            raise Conflict(f"{login} has no second factor", "none")
        await self._gate.end_all(login)

    # --- sessions --------------------------------------------------------------------------------------------------

    async def sessions(self, known: LoggedIn, *, at: float) -> OwnSessions:
        return OwnSessions(items=tuple(await self._sessions.of(known.actor.login, at=at)))

    async def end_session(self, known: LoggedIn, session_id: str) -> None:
        """Raises NotFound, also for somebody else's."""
        if not await self._sessions.end_one(known.actor.login, session_id):
            raise NotFound("session", session_id)
        self._gate.forget(known.actor.login)


def _refuse(found: Weakness, rules: PasswordRules) -> None:
    raise WeakPassword(SENTENCES[found].format(least=rules.min_length), found, "new")
