"""`agi://daemon/doctor`: Asterisk has reached us (`dialplan/doctor.conf`)."""

from cti.agi.session import AgiSession


async def reached(session: AgiSession) -> None:
    await session.set_variable("LD_DONE", "doctor")
