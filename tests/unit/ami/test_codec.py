import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.ami.codec import Decoder, Received, encode_action
from cti.ami.messages import Banner, Event, Response
from cti.errors import LocalProtocolError, RemoteProtocolError

STREAM = (
    "Asterisk Call Manager/9.0.0\r\n"
    "Response: Success\r\nActionID: a-1\r\nMessage: Authentication accepted\r\n\r\n"
    "Event: Newchannel\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk-00000001\r\nCallerIDName: 张小龙\r\n"
    "AccountCode: \r\nUniqueid: 1700000000.1\r\n\r\n"
    "Event: VarSet\r\nPrivilege: dialplan,all\r\nVariable: A\r\nValue: 1: 2\r\nUniqueid: 1700000000.1\r\n\r\n"
    "Event: CoreShowChannel\r\nActionID: a-2\r\nChannel: PJSIP/trunk-00000001\r\n\r\n"
    "Event: Hangup\r\nChannel: PJSIP/trunk-00000001\r\nChanVariable: a=1\r\nChanVariable: b=李\r\nCause: 16\r\n\r\n"
    "Response: Success\r\nActionID: a-3\r\nMessage: Command output follows\r\n"
    "Output: first\r\nOutput: \r\nOutput: Key: third\r\n\r\n"
).encode()
WANTED = {"Newchannel", "Hangup"}


def decode(*chunks: bytes, wanted: set[str] | None = None, lists_open: bool = False) -> list[Received]:
    decoder = Decoder(wanted)
    decoder.lists_open = lists_open
    return [message for chunk in chunks for message in decoder.feed(chunk)]


def names(messages: list[Received]) -> list[str]:
    return [type(m).__name__ if not isinstance(m, Event) else m.name for m in messages]


def test_a_stream_becomes_messages_in_order() -> None:
    banner, accepted, channel, varset, item, hangup, output = decode(STREAM)
    assert banner == Banner("9.0.0")
    assert isinstance(accepted, Response)
    assert (accepted.ok, accepted.action_id, accepted.message) == (True, "a-1", "Authentication accepted")
    assert isinstance(channel, Event)
    assert (channel.name, channel["CallerIDName"], channel["AccountCode"]) == ("Newchannel", "张小龙", "")
    assert isinstance(varset, Event)
    assert varset["Value"] == "1: 2"
    assert isinstance(item, Event)
    assert item.action_id == "a-2"
    assert isinstance(hangup, Event)
    assert hangup.every("ChanVariable") == ("a=1", "b=李")
    assert hangup["ChanVariable"] == "a=1"
    assert hangup.every("Cause") == ("16",)
    assert hangup.every("Nothing") == ()
    assert isinstance(output, Response)
    assert output.output == "first\n\nKey: third"


def test_only_wanted_events_and_all_responses_are_delivered() -> None:
    assert names(decode(STREAM, wanted=WANTED)) == ["Banner", "Response", "Newchannel", "Hangup", "Response"]


def test_items_of_a_list_are_delivered_while_one_is_open() -> None:
    delivered = names(decode(STREAM, wanted=WANTED, lists_open=True))
    assert delivered == ["Banner", "Response", "Newchannel", "CoreShowChannel", "Hangup", "Response"]


@pytest.mark.parametrize("wanted", [None, WANTED])
def test_every_cut_in_two_gives_the_same(wanted: set[str] | None) -> None:
    whole = decode(STREAM, wanted=wanted)
    for cut in range(len(STREAM)):
        assert decode(STREAM[:cut], STREAM[cut:], wanted=wanted) == whole


@given(cuts=st.sets(st.integers(0, len(STREAM))))
def test_any_chunks_give_the_same(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    chunks = [STREAM[a:b] for a, b in itertools.pairwise(edges)]
    assert decode(*chunks, wanted=WANTED) == decode(STREAM, wanted=WANTED)


def test_byte_by_byte_gives_the_same() -> None:
    assert decode(*(bytes([byte]) for byte in STREAM)) == decode(STREAM)


@given(cut=st.integers(0, len(STREAM)))
def test_a_truncated_stream_gives_a_beginning_of_the_messages(cut: int) -> None:
    messages = decode(STREAM[:cut])
    assert messages == decode(STREAM)[: len(messages)]


@given(
    headers=st.lists(
        st.tuples(
            st.text("ABCxyz", min_size=1, max_size=3),
            st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=20),
        ),
        max_size=8,
    ),
    cut=st.integers(0, 400),
)
def test_what_we_encode_we_decode(headers: list[tuple[str, str]], cut: int) -> None:
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        fields.setdefault(name, []).append(value)
    data = encode_action("Ping", fields, "x-1").replace(b"Action: Ping\r\n", b"Response: Ping\r\n", 1)
    decoder = Decoder(None)
    decoder.feed(b"Asterisk Call Manager/9.0.0\r\n")
    (response,) = decoder.feed(data[:cut]) + decoder.feed(data[cut:])
    assert isinstance(response, Response)
    assert response.action_id == "x-1"
    for name, values in fields.items():
        assert response.every(name) == tuple(values)


@given(st.binary(max_size=300))
def test_garbage_is_passed_over_or_refused(garbage: bytes) -> None:
    decoder = Decoder(WANTED)
    decoder.feed(b"Asterisk Call Manager/9.0.0\r\n")
    decoder.feed(garbage)
    assert names(decoder.feed(b"\r\n\r\n" + STREAM.split(b"\r\n\r\n")[1] + b"\r\n\r\n"))[-1:] == ["Newchannel"]


def test_a_single_stray_line_end_is_harmless() -> None:
    block = b"Event: Hangup\r\nUniqueid: 1.1\r\n\r\n"
    decoder = Decoder(WANTED)
    decoder.feed(b"Asterisk Call Manager/9.0.0\r\n")
    assert names(decoder.feed(b"\r\n" + block + b"\r\n" + block)) == ["Hangup", "Hangup"]


def test_a_name_that_is_the_beginning_of_another_is_not_confused() -> None:
    decoder = Decoder({"Hold"})
    decoder.feed(b"Asterisk Call Manager/9.0.0\r\n")
    assert decoder.feed(b"Event: Holdx\r\n\r\nEvent: Hol\r\n\r\n") == []
    assert names(decoder.feed(b"Event: Hold\r\n\r\n")) == ["Hold"]


def test_bytes_that_are_no_utf8_become_replacement_characters() -> None:
    decoder = Decoder(None)
    decoder.feed(b"Asterisk Call Manager/9.0.0\r\n")
    (event,) = decoder.feed(b"Event: X\r\nName: \xd5\xc5\r\nOther: 1\r\n\r\n")
    assert isinstance(event, Event)
    assert event["Name"] == "��"
    assert event["Other"] == "1"


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400", b"\r\n", b"Asterisk Call Man\r\n"])
def test_a_greeting_of_something_else_is_refused(greeting: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="no Asterisk manager"):
        Decoder(None).feed(greeting)


def test_a_greeting_without_end_is_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        Decoder(None).feed(b"Asterisk Call Manager/" + b"9" * 300)


def test_a_message_without_end_is_refused() -> None:
    decoder = Decoder(None, max_message_bytes=1000)
    decoder.feed(b"Asterisk Call Manager/9.0.0\r\nEvent: X\r\n")
    for _ in range(49):
        decoder.feed(b"Header: 0123456789\r\n")
    with pytest.raises(RemoteProtocolError, match="longer than 1000 bytes"):
        decoder.feed(b"Header: 0123456789\r\n")


def test_the_memory_of_split_lines_is_bounded() -> None:
    decoder = Decoder(None)
    decoder.feed(b"Asterisk Call Manager/9.0.0\r\n")
    for n in range(3000):
        (event,) = decoder.feed(b"Event: X\r\nA: %d\r\nB: %d\r\n\r\n" % (n, n + 1))
        assert isinstance(event, Event)
        assert (event["A"], event["B"]) == (str(n), str(n + 1))
    assert len(decoder._split_line.__self__) <= 4096  # type: ignore[attr-defined]


def test_an_action_is_encoded_with_repeated_headers() -> None:
    data = encode_action("Originate", {"Channel": "Local/1@x", "Variable": ["A=1", "B=张"]}, "x-7")
    expected = "Action: Originate\r\nActionID: x-7\r\nChannel: Local/1@x\r\nVariable: A=1\r\nVariable: B=张\r\n\r\n"
    assert data == expected.encode()


@given(
    bad=st.sampled_from(["\r", "\n", "\r\n", "\0"]),
    before=st.text(max_size=5),
    after=st.text(max_size=5),
    where=st.sampled_from(["name", "key", "value", "one of many", "id"]),
)
def test_a_line_break_anywhere_is_refused(bad: str, before: str, after: str, where: str) -> None:
    text = before + bad + after
    with pytest.raises(LocalProtocolError):
        encode_action(
            text if where == "name" else "Setvar",
            {
                text if where == "key" else "Variable": text if where == "value" else "X",
                "Many": ["fine", text if where == "one of many" else "fine"],
            },
            text if where == "id" else "1",
        )


def test_a_caller_name_cannot_start_an_action() -> None:
    name = '"x" <1>\r\n\r\nAction: Originate\r\nChannel: PJSIP/expensive'
    with pytest.raises(LocalProtocolError, match="line break"):
        encode_action("Originate", {"CallerID": name}, "1")


@pytest.mark.parametrize("number", ["139\r\nUniqueid: 2.2", "139\r\nCause: 16\r\nEvent: Hangup"])
def test_a_caller_whose_number_brings_headers_along_is_passed_over(number: str) -> None:
    """What Asterisk 22.10 sends for `From: <sip:139%0D%0AUniqueid%3A%202.2@...>`."""
    forged = f"Event: Newchannel\r\nCallerIDNum: {number}\r\nCallerIDName: x\r\nUniqueid: 1.1\r\nCause: 0\r\n\r\n"
    decoder = Decoder(WANTED)
    decoder.feed(b"Asterisk Call Manager/11.0.0\r\n")
    assert decoder.feed(forged.encode()) == []
    assert decoder.strange == 1
    assert names(decoder.feed(b"Event: Hangup\r\nUniqueid: 1.1\r\n\r\n")) == ["Hangup"]


def test_a_header_without_its_blank_reads_the_same_on_both_ways() -> None:
    """Found by tests/fuzz: an empty line more before an event sends it the slow way."""
    event = b"Event: Hangup\r\nUniqueid:1.1: x\r\n\r\n"
    for between in (b"", b"\r\n"):
        (_, decoded) = decode(b"Asterisk Call Manager/11.0.0\r\n" + between + event)
        assert decoded == {"Event": "Hangup", "Uniqueid": "1.1: x"}


def test_a_message_cannot_be_changed() -> None:
    event = Event.of([("Event", "X"), ("A", "1")])
    with pytest.raises(TypeError):
        event.update(A="2")
    with pytest.raises(TypeError):
        event.pop("A")
    with pytest.raises(TypeError):
        event["A"] = "2"
    assert dict(event) == {"Event": "X", "A": "1"}
