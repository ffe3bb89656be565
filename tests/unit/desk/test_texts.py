"""Texts: in everybody's inbox until read, and on the board with who has read them."""

from cti.desk.hub import Hub
from cti.desk.texts import TextDesk
from cti.desk.views import InboxView, SentTextView
from cti.events import TextRead, TextSent

NAMES = {"sue": "Sue Chen"}


class Shown:
    def __init__(self) -> None:
        self.hub = Hub()
        self.desk = TextDesk(self.hub, lambda who: NAMES.get(who, who))

    def send(self, text_id: str, *recipients: str, at: float = 10) -> None:
        self.desk.on_fact(
            TextSent(
                at=at,
                text_id=text_id,
                sender="sue",
                to="everybody",
                target="",
                recipients=recipients,
                text=f"hi {text_id}",
            )
        )

    def read(self, text_id: str, who: str, at: float = 20) -> None:
        self.desk.on_fact(TextRead(at=at, text_id=text_id, agent_id=who))

    def inbox(self, who: str) -> list[str]:
        view = self.hub.entities("inbox").get(who)
        return [] if not isinstance(view, InboxView) else [text.text for text in view.texts]

    def sent(self, text_id: str) -> SentTextView | None:
        view = self.hub.entities("texts").get(text_id)
        return view if isinstance(view, SentTextView) else None


def test_a_text_stays_until_each_has_read_it_and_its_sender_sees_who() -> None:
    s = Shown()
    s.send("t1", "anna", "ben")
    s.send("t2", "anna", at=11)
    assert (s.inbox("anna"), s.inbox("ben")) == (["hi t1", "hi t2"], ["hi t1"])
    s.read("t1", "anna")
    s.read("t1", "anna", at=30)  # twice
    s.read("t1", "stranger")
    assert (s.inbox("anna"), s.inbox("ben")) == (["hi t2"], ["hi t1"])
    sent = s.sent("t1")
    assert sent is not None
    assert (sent.read, sent.recipients, sent.text.sender_name) == ({"anna": 20}, ("anna", "ben"), "Sue Chen")
    assert s.desk.unread("ben", "t1") is not None
    assert s.desk.unread("anna", "t1") is None


def test_the_day_after_it_is_off_the_board_and_still_in_the_inbox_of_who_was_away() -> None:
    s = Shown()
    s.send("t1", "anna", "ben")
    s.read("t1", "anna")
    s.desk.begin_day(100)
    assert s.sent("t1") is None
    assert s.inbox("ben") == ["hi t1"]
    s.read("t1", "ben", at=120)
    assert s.inbox("ben") == []
    assert not s.desk._sent


def test_after_a_restart_the_same_facts_show_the_same() -> None:
    s = Shown()
    s.desk.begin_day(5)
    for _ in range(2):  # told twice is told once
        s.send("t1", "anna", "ben")
        s.read("t1", "anna")
    s.send("old", "ben", at=1)
    assert (s.inbox("anna"), s.inbox("ben")) == ([], ["hi old", "hi t1"])
    assert s.sent("old") is None
