"""SIPp scenarios, composed. SIPp 3.6; what stands in [brackets] it fills in itself (its manual, "Keywords").

Both sides answer re-INVITEs and UPDATEs at any time: Asterisk sends them when a connected line changes.
"""

_SDP = """v=0
o=simulated 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
"""
_SESSION = f"Content-Type: application/sdp\nContent-Length: [len]\n\n{_SDP}"
_NO_BODY = "Content-Length: 0\n"
_CONTACT = "Contact: <sip:simulated@[local_ip]:[local_port];transport=[transport]>\n"
_MINE = '"[$name]" <sip:[$number]@[local_ip]:[local_port]>;tag=[pid]T[call_number]'
_BYE_CAME, _END = 1, 2


def _send(text: str, attributes: str = ' retrans="500"') -> str:
    return f"<send{attributes}><![CDATA[\n\n{text}\n]]></send>\n"


def _answer(status: str, *, body: str = "", to_tag: bool = False) -> str:
    to = "[last_To:];tag=[pid]T[call_number]" if to_tag else "[last_To:]"
    head = f"SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n{to}\n[last_Call-ID:]\n[last_CSeq:]\n{_CONTACT}"
    return head + (body or _NO_BODY)


def _stay(stage: int, for_ms: int | None) -> str:
    """Stay in the dialog for so long, None for good, and go on with what follows; the other side may end it.

    It takes answers to requests of our own, too. What comes in starts the time anew.
    """
    wait, reinvited, updated, over = (10 * stage + place for place in range(10, 14))
    timeout = f' timeout="{max(for_ms, 1)}" ontimeout="{over}"' if for_ms is not None else ""
    on = f' next="{wait}"'
    return (
        f'<label id="{wait}"/>\n'
        f'<recv request="INVITE" optional="true" next="{reinvited}"{timeout}/>\n'
        f'<recv request="ACK" optional="true"{on}/>\n'
        f'<recv request="UPDATE" optional="true" next="{updated}"/>\n'
        f'<recv response="200" optional="true"{on}/>\n'
        f'<recv request="BYE" next="{_BYE_CAME}"/>\n'
        f'<label id="{reinvited}"/>\n{_send(_answer("200 OK", body=_SESSION), on)}'
        f'<label id="{updated}"/>\n{_send(_answer("200 OK"), on)}'
        f'<label id="{over}"/>\n'
    )


def _end(bye: str) -> str:
    """Send the BYE, or answer the other side's."""
    return (
        f'{_send(bye)}<recv response="200" next="{_END}"/>\n'
        f'<label id="{_BYE_CAME}"/>\n{_send(_answer("200 OK"), "")}<label id="{_END}"/>\n'
    )


def _request(method: str, sequence: int, *, body: str = "") -> str:
    """A request of the caller within the dialog."""
    return (
        f"{method} [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: {_MINE}\nTo: [$to]\nCall-ID: [call_id]\nCSeq: {sequence} {method}\nMax-Forwards: 70\n{_CONTACT}"
        f"{body or _NO_BODY}"
    )


def _bye_of_the_called() -> str:
    return (
        "BYE [$peer] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        "From: [$to];tag=[pid]T[call_number]\nTo: [$from]\nCall-ID: [call_id]\nCSeq: 1 BYE\nMax-Forwards: 70\n"
        "Content-Length: 0\n"
    )


def _scenario(name: str, body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n{body}</scenario>\n'


def caller(
    *,
    number: str = "1390000[call_number]",
    name: str = "",
    keys: str = "",
    before_keys_ms: int = 200,
    between_keys_ms: int = 150,
    hang_up_after_ms: int | None = None,
) -> str:
    """Somebody who dials, presses `keys` one by one once answered, and waits for the other side's BYE or hangs up.

    Keys are SIP INFO (application/dtmf-relay), which Asterisk takes whatever an endpoint's `dtmf_mode`; SIPp's own
    RFC 4733 events need a raw socket. Only `phone.py` sends those. `hang_up_after_ms` counts from the last key.
    """
    assigned = f'<assignstr assign_to="number" value="{number}"/><assignstr assign_to="name" value="{_xml(name)}"/>'
    invite = (
        "INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: {_MINE}\nTo: <sip:[service]@[remote_ip]:[remote_port]>\nCall-ID: [call_id]\nCSeq: 1 INVITE\n"
        f"{_CONTACT}Max-Forwards: 70\n{_SESSION}"
    )
    ack = (
        "ACK [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: {_MINE}\nTo: [$to]\nCall-ID: [call_id]\nCSeq: 1 ACK\nMax-Forwards: 70\nContent-Length: 0\n"
    )
    rings = "".join(f'<recv response="{code}" optional="true"/>\n' for code in (100, 180, 183))
    pressing = "".join(
        _stay(place, between_keys_ms if place else before_keys_ms) + _key(key, place) for place, key in enumerate(keys)
    )
    talking = _stay(len(keys), hang_up_after_ms) + _end(_request("BYE", 99))
    return _scenario(
        "caller",
        f'<nop><action>{assigned}</action></nop>\n{_send(invite)}{rings}<recv response="200" rtd="true" rrs="true">'
        f"<action>{_remember('To', '.*', 'to')}</action></recv>\n"
        f"{_send(ack, '')}{pressing}{talking}",
    )


def _remember(header: str, regexp: str, name: str) -> str:
    """Keep a header in a variable: the [last_...:] ones are Asterisk's after a re-INVITE, with From and To swapped."""
    return f'<ereg regexp="{regexp}" search_in="hdr" header="{header}:" check_it="true" assign_to="{name}"/>'


def _key(key: str, place: int) -> str:
    relay = f"Content-Type: application/dtmf-relay\nContent-Length: [len]\n\nSignal={key}\nDuration=100\n"
    return _send(_request("INFO", 2 + place, body=relay))


def agent(*, answer_after_ms: int = 20, hang_up_after_ms: int | None = None) -> str:
    """Somebody who rings, answers, and waits for BYE or hangs up after so long. One SIPp can be many agents."""
    remember = (
        _remember("Contact", "sip:[^>;]*", "peer") + _remember("From", ".*", "from") + _remember("To", ".*", "to")
    )
    return _scenario(
        "agent",
        f'<recv request="INVITE"><action>{remember}</action></recv>\n<Reference variables="peer,from,to"/>\n'
        f'{_send(_answer("180 Ringing", to_tag=True), "")}<pause milliseconds="{answer_after_ms}"/>\n'
        f'{_send(_answer("200 OK", body=_SESSION, to_tag=True))}<recv request="ACK" rtd="true"/>\n'
        f"{_stay(0, hang_up_after_ms)}{_end(_bye_of_the_called())}",
    )


def agent_told_to_answer(*, obeys: bool = True) -> str:
    """A desk phone that rings, and lifts off by itself when a NOTIFY tells it to talk, or says it knows no such event.

    One that does not obey rings until the other side gives up.
    """
    remember = (
        _remember("Contact", "sip:[^>;]*", "peer")
        + _remember("From", ".*", "from")
        + _remember("To", ".*", "to")
        + _remember("Via", ".*", "via")
        + _remember("CSeq", ".*", "cseq")
    )
    told = '<ereg regexp="talk" search_in="hdr" header="Event:" check_it="true" assign_to="event"/>'
    answer = (
        "SIP/2.0 {status}\nVia: [$via]\nFrom: [$from]\nTo: [$to];tag=[pid]T[call_number]\n[last_Call-ID:]\n"
        f"CSeq: [$cseq]\n{_CONTACT}"
    )
    lifts = (
        f"{_send(_answer('200 OK'), '')}{_send(answer.format(status='200 OK') + _SESSION)}"
        f'<recv request="ACK" rtd="true"/>\n{_stay(0, None)}{_end(_bye_of_the_called())}'
    )
    goes_on = (
        f'{_send(_answer("489 Bad Event"), "")}<recv request="CANCEL"/>\n{_send(_answer("200 OK"), "")}'
        f'{_send(answer.format(status="487 Request Terminated") + _NO_BODY)}<recv request="ACK"/>\n'
    )
    return _scenario(
        "agent told to answer",
        f'<recv request="INVITE"><action>{remember}</action></recv>\n'
        f"{_send(_answer('180 Ringing', to_tag=True), '')}"
        f'<recv request="NOTIFY"><action>{told}</action></recv>\n'
        f'<Reference variables="peer,from,to,via,cseq,event"/>\n{lifts if obeys else goes_on}',
    )


def _xml(text: str) -> str:
    quoted = text.replace("&", "&amp;").replace('"', "").replace("<", "&lt;").replace(">", "&gt;")
    return quoted.replace("\r", " ").replace("\n", " ")
