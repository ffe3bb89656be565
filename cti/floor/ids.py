"""Names for interactions: short, unique, and in the order of time when sorted as text."""

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u to misread
TIME_CHARACTERS = 9  # 45 bits of milliseconds: enough until the year 3084
CHANCE_CHARACTERS = 5


def interaction_id(now: float) -> str:
    """14 characters: 9 of time in milliseconds, 5 (25 bits) of chance."""
    milliseconds = int(now * 1000)
    time = "".join(ALPHABET[milliseconds >> shift & 31] for shift in range(5 * (TIME_CHARACTERS - 1), -1, -5))
    return time + "".join(secrets.choice(ALPHABET) for _ in range(CHANCE_CHARACTERS))


def agent_channel(offer_id: str) -> str:
    """The channel id of the leg that an offer rings: any channel can be traced to its interaction by name alone."""
    return f"ld-{offer_id}"


def supervisor_channel(interaction: str, count: int) -> str:
    return f"lds-{interaction}-{count}"


def party_channel(interaction: str, count: int, number: str = "") -> str:
    """The leg of somebody whom an agent brings in: `number` is the outside one that is dialled, "" for a colleague."""
    return f"ldp-{interaction}-{count}" + (f".{number}" if number else "")


def party_of(channel: str) -> tuple[int, str] | None:
    """(count, outside number or "") of a `party_channel`, None for any other."""
    if not channel.startswith("ldp-"):
        return None
    count, _, number = channel.rpartition("-")[2].partition(".")
    return (int(count), number) if count.isdecimal() else None


def customer_channel(interaction: str, attempt: int) -> str:
    """The leg that calls a customer back: Asterisk refuses a second one of the same name while the first lives."""
    return f"ldc-{interaction}-{attempt}"


def outbound_channel(interaction: str) -> str:
    """The leg to a customer whom an agent calls; there is only ever one."""
    return f"ldo-{interaction}-1"


def is_called_out(channel: str) -> bool:
    """Whether this customer's channel is one that an agent had us dial."""
    return channel.startswith("ldo-")


def internal_channel(call: str, leg: int) -> str:
    """A leg of a call between colleagues: 1 is the caller's, 2 the colleague's."""
    return f"ldi-{call}-{leg}"


def internal_call(channel: str) -> str:
    """The call that a leg is of, "" for a leg of anything else."""
    prefix, _, rest = channel.partition("-")
    return rest.rpartition("-")[0] if prefix == "ldi" else ""


def is_ours(channel: str) -> bool:
    """Whether we named this channel, hence ordered it: Asterisk's own unique ids are numbers."""
    return channel.startswith("ld")


def is_called_back(channel: str) -> bool:
    """Whether this customer's channel is one that we dialled."""
    return channel.startswith("ldc-")


def interaction_of(channel: str) -> str | None:
    """The interaction of one of our own legs, None for any other channel."""
    prefix, _, rest = channel.partition("-")
    return rest.rpartition("-")[0] or None if prefix in ("ld", "lds", "ldp") else None
