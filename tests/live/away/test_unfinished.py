"""What an agent had begun is there after the daemon was killed: the words of a form, and the tasks."""

from cti.desk import commands as ask
from cti.events import TaskSaved, WrapUpSaved
from tests.harness.apart import Apart


async def test_the_form_and_the_tasks_of_before_are_on_the_desk_again(house: Apart) -> None:
    async with house.agent("1001") as agent, house.caller() as caller:
        talk = await house.talk(caller, agent)
        i = talk.interaction_id
        async with house.desk("1001") as desk:
            await desk.ask(ask.SaveWrapUp, interaction_id=i, note="half a sen", fields={"order": "88"})
            await desk.ask(ask.CreateTask, due_at=1.0, text="overdue")
        await house.books.wait(WrapUpSaved)
        await house.books.wait(TaskSaved)
        await house.daemon.kill()
        await house.start()
        async with house.desk("1001") as desk:
            call = await desk.wait("call", phase="connected", note="half a sen")
            assert (call["interaction_id"], call["fields"]) == (i, {"order": "88"})
            (draft,) = (await desk.wait("drafts"))["items"]
            assert (draft["interaction_id"], draft["note"], draft["number"]) == (i, "half a sen", "+8613900000001")
            (task,) = (await desk.wait("my_tasks"))["items"]
            assert (task["text"], task["due_at"], task["owner"]) == ("overdue", 1.0, "1001")
            await caller.hang_up()
            await desk.wait("me", state="wrap_up")
            await desk.ask(ask.SaveWrapUp, interaction_id=i, note="a sentence", disposition="solved", final=True)
            await desk.wait("me", state="ready")
            await desk.wait_gone("drafts")
            await desk.ask(ask.FinishTask, task_id=task["task_id"])
    assert house.books.interaction(i)["note"] in ("", "a sentence")
