"""Which topics there are, which entity each one holds, and who may see which of them."""

from cti.desk.views import (
    AgentView,
    AlarmView,
    AnyView,
    CallView,
    DraftsView,
    InboxView,
    IntervalView,
    MeView,
    MinuteView,
    MyTasksView,
    QueueView,
    SentTextView,
    SupervisionView,
    SystemView,
    TaskView,
    View,
    WaitingView,
)

TOPICS: dict[str, type[View]] = {
    "me": MeView,
    "call": CallView,
    "drafts": DraftsView,
    "my_tasks": MyTasksView,
    "tasks": TaskView,
    "queues": QueueView,
    "waiting": WaitingView,
    "agents": AgentView,
    "intervals": IntervalView,
    "system": SystemView,
    "supervision": SupervisionView,
    "minutes": MinuteView,
    "alarms": AlarmView,
    "inbox": InboxView,
    "texts": SentTextView,
}

Entities = dict[str, AnyView]
State = dict[str, Entities]
"""`{topic: {key: entity}}`. A topic without entities is the same as a topic that is absent."""
