import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.agi.codec import Decoder, Environment, Hangup, Received, Refusal, Result, encode_command
from cti.errors import LocalProtocolError, RemoteProtocolError

HEADERS = (
    "agi_network: yes\n"
    "agi_network_script: hotline?flow=after%20sales&vip=\n"
    "agi_request: agi://127.0.0.1:4573/hotline?flow=after%20sales&vip=\n"
    "agi_channel: PJSIP/trunk-00000001\n"
    "agi_language: zh\n"
    "agi_type: PJSIP\n"
    "agi_uniqueid: 1700000000.1\n"
    "agi_callerid: 13800138000\n"
    'agi_calleridname: 张小龙: "x"\n'
    "agi_dnid: 4008001234\n"
    "agi_context: hotline\n"
    "agi_extension: 4008001234\n"
    "agi_arg_1: \n"
    "agi_arg_2: two\n"
    "\n"
)
ANSWERS = (
    "200 result=0\n"
    "200 result=49 endpos=8000\n"
    "200 result=1 (张 (x) y)\n"
    "200 result=12 (timeout)\n"
    "200 result= (timeout)\n"
    "200 result=35 (dtmf) endpos=16000\n"
    "510 Invalid or unknown command\n"
    "511 Command Not Permitted on a dead channel or intercept routine\n"
    "520-Invalid command syntax.  Proper usage follows:\n"
    "\tUsage: ANSWER\n200 result=0\n"
    "520 End of proper usage.\n"
    "100 result=0 Trying...\n"
    "200 result=-1\n"
    "HANGUP\n"
)
STREAM = (HEADERS + ANSWERS).encode()


def decode(*chunks: bytes) -> list[Received]:
    decoder = Decoder()
    return [received for chunk in chunks for received in decoder.feed(chunk)]


def test_the_environment() -> None:
    (env,) = decode(HEADERS.encode())
    assert isinstance(env, Environment)
    assert (env.uniqueid, env.channel, env.language) == ("1700000000.1", "PJSIP/trunk-00000001", "zh")
    assert (env.caller_number, env.caller_name) == ("13800138000", '张小龙: "x"')
    assert (env.dialled_number, env.context, env.extension) == ("4008001234", "hotline", "4008001234")
    assert env.script == "hotline"
    assert env.query == {"flow": "after sales", "vip": ""}
    assert env.args == ("", "two")


def test_a_caller_who_withholds_the_number() -> None:
    text = HEADERS.replace("13800138000", "unknown").replace("agi_dnid: 4008001234", "agi_dnid: unknown")
    (env,) = decode(text.encode())
    assert isinstance(env, Environment)
    assert env.caller_number == ""
    assert env.dialled_number == "4008001234"


def test_the_answers() -> None:
    assert decode(STREAM)[1:] == [
        Result("0"),
        Result("49", endpos=8000),
        Result("1", "张 (x) y"),
        Result("12", "timeout"),
        Result("", "timeout"),
        Result("35", "dtmf", 16000),
        Refusal(510, "Invalid or unknown command"),
        Refusal(511, "Command Not Permitted on a dead channel or intercept routine"),
        Refusal(520, "Invalid command syntax.  Proper usage follows:\n\tUsage: ANSWER\n200 result=0"),
        Result("-1"),
        Hangup(),
    ]


def test_every_cut_in_two_gives_the_same() -> None:
    whole = decode(STREAM)
    for cut in range(len(STREAM)):
        assert decode(STREAM[:cut], STREAM[cut:]) == whole


@given(st.sets(st.integers(0, len(STREAM))))
def test_any_chunks_give_the_same(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert decode(*(STREAM[a:b] for a, b in itertools.pairwise(edges))) == decode(STREAM)


@given(st.binary(max_size=500), st.booleans())
def test_garbage_is_refused_or_passed_over(garbage: bytes, after_headers: bool) -> None:
    decoder = Decoder()
    if after_headers:
        decoder.feed(HEADERS.encode())
    try:
        decoder.feed(garbage)
    except RemoteProtocolError:
        return


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "no AGI header"),
        (b"\n", "without agi_uniqueid"),
        (b"agi_callerid: 1\n" + HEADERS.encode(), "agi_callerid comes twice"),
        (b"agi_" + b"x" * 20_000, "longer than 16384"),
        (b"".join(b"agi_%d: x\n" % n for n in range(5000)), "longer than 16384"),
        (HEADERS.encode() + b"2" * 9000, "longer than 8192"),
        (HEADERS.encode() + b"hello\n", "no AGI answer"),
        (HEADERS.encode() + b"520-x\n" * 300, "does not end"),
        (HEADERS.encode() + b"200 result=0 endpos=" + b"9" * 5000 + b"\n", "no AGI answer"),
    ],
)
def test_what_asterisk_would_not_send_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RemoteProtocolError, match=reason):
        decode(data)


def test_the_bound_holds_for_small_chunks_too() -> None:
    decoder = Decoder(max_header_bytes=100)
    for _ in range(100):
        decoder.feed(b"a")
    with pytest.raises(RemoteProtocolError, match="longer than 100"):
        decoder.feed(b"a")


def test_a_command_is_quoted() -> None:
    assert encode_command("ANSWER") == b"ANSWER\n"
    assert encode_command("STREAM FILE", "hello", "", 0) == b'STREAM FILE "hello" "" "0"\n'
    assert encode_command("SET VARIABLE", "X", 'a "b" \\c') == b'SET VARIABLE "X" "a \\"b\\" \\\\c"\n'
    assert encode_command("VERBOSE", "张") == 'VERBOSE "张"\n'.encode()


@given(st.text(max_size=5), st.sampled_from("\r\n\0"), st.text(max_size=5))
def test_a_line_break_is_refused(before: str, bad: str, after: str) -> None:
    with pytest.raises(LocalProtocolError):
        encode_command("SET VARIABLE", "X", before + bad + after)
    with pytest.raises(LocalProtocolError):
        encode_command(before + bad + after)
