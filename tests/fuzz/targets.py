"""What is fuzzed: `tests/fuzz/<name>.py` has `one_input(data)`, which raises when something is wrong."""

from typing import NamedTuple


class Target(NamedTuple):
    """`instrumented`: modules whose branches guide the fuzzer. `most_bytes`: longer inputs find no more, only later."""

    instrumented: tuple[str, ...]
    most_bytes: int


TARGETS = {
    "ami": Target(("cti.ami",), 384),
    "tracker": Target(("cti.calls", "cti.ami.messages"), 320),
    "agi": Target(("cti.agi",), 160),
    "websocket": Target(("cti.web.commands", "cti.web.errors", "cti.web.messages", "cti.desk.commands"), 512),
    "flow": Target(("cti.config.file", "cti.config.problem", "cti.ivr"), 200),
    "rest": Target(("cti.web",), 512),
}
