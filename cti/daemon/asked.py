"""What may be asked of a running daemon over the control socket."""

from collections.abc import Mapping

from cti.daemon.control import Routes
from cti.daemon.daemon import Daemon, Status
from cti.daemon.leaving import Going
from cti.daemon.reload import Reloaded
from cti.privacy.personal_data import Who
from cti.privacy.retention import Gone
from cti.store.erasure import Erased
from cti.web.explained import Explanation


def commands(daemon: Daemon) -> Routes:
    """What the control socket takes."""

    async def status(_names: Mapping[str, str]) -> Status:
        return daemon.status()

    async def explain(asked: Mapping[str, str]) -> Explanation:
        return await daemon.explanations().explain(asked["interaction"])

    async def reload(_names: Mapping[str, str]) -> Reloaded:
        return await daemon.reload()

    async def retain(asked: Mapping[str, str]) -> Gone:
        return await daemon.retention.run(Who(actor=asked["by"], role="admin"))

    async def erase(asked: Mapping[str, str]) -> Erased:
        who, customer_id = Who(actor=asked["by"], role="admin"), asked["customer"]
        done = await daemon.personal.erase(int(customer_id), who, asked["reason"])
        await daemon.commands.who_calls.refresh((int(customer_id),))
        return done

    async def restart(_names: Mapping[str, str]) -> Going:
        return daemon.leaving.restart()

    return {
        ("GET", "/status"): status,
        ("POST", "/restart"): restart,
        ("GET", "/explain/{interaction}"): explain,
        ("POST", "/reload"): reload,
        ("POST", "/retention/{by}"): retain,
        ("POST", "/erase/{customer:[0-9]+}/{by}/{reason:.*}"): erase,
    }
