"""Which topics there are, which entity each one holds, and who may see which of them."""

from cti.desk.views import (
    AgentView,
    AlarmView,
    AnyView,
    CallView,
    InboxView,
    IntervalView,
    MeView,
    MinuteView,
    QueueView,
    SentTextView,
    SupervisionView,
    SystemView,
    View,
    WaitingView,
)

TOPICS: dict[str, type[View]] = {
    "me": MeView,
    "call": CallView,
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
