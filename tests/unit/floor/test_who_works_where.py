"""Who works where: as configured, without the queues that the agent has left for now - also after a restart."""

from cti.daemon.people import introduce, workers
from cti.desk.desk import Desk
from cti.desk.hub import Hub
from cti.desk.views import MeView
from cti.floor.roster import Roster
from cti.store.users import User

ANNA = User(
    login="anna",
    name="Anna",
    role="agent",
    password_hash="",
    extension="1001",
    queues=("sales", "care"),
    skills={"zh": 5},
    absent_from=("care",),
)


def started(*users: User) -> tuple[Roster, Hub]:
    roster, hub = Roster(), Hub()
    people, problems = workers(users)
    assert not problems
    introduce(people, {}, roster=roster, desk=Desk(hub, version="1", demo=False))
    return roster, hub


def test_a_restart_keeps_what_was_left_and_assigned() -> None:
    roster, hub = started(ANNA)
    assert roster.profile("anna").queues == ("sales",)
    assert roster.profile("anna").skills == {"zh": 5}
    me = hub.entities("me")["anna"]
    assert isinstance(me, MeView)
    assert (me.queues, me.absent_from) == (("sales",), ("care",))


def test_a_reload_changes_what_is_configured_and_not_what_was_left_meanwhile() -> None:
    roster, _ = started(ANNA)
    roster.absent("anna", ("sales",))
    member = roster.member("anna")
    roster.add(member.configured, "supervisor", absent_from=("care",))
    assert (member.profile.queues, member.role) == (("care",), "supervisor")


def test_a_queue_that_is_assigned_anew_is_not_one_that_was_left() -> None:
    roster, _ = started(ANNA)
    roster.assign("anna", queues=("sales",))
    roster.assign("anna", queues=("sales", "care"))
    assert roster.profile("anna").queues == ("sales", "care")
