"""There is one way to an outside number, and it begins at the guard: shown of the source, the dialplan and the type."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cti.private_asterisk.model import REPOSITORY
from cti.switch.permit import Permit
from cti.switch.port import Dial, Switch

SOURCES = sorted((REPOSITORY / "cti").rglob("*.py"))


def calls(path: Path, name: str) -> bool:
    """Whether this file calls something of that name."""
    tree = ast.parse(path.read_text())
    found = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(getattr(one, "id", getattr(one, "attr", "")) == name for one in found)


def texts(path: Path) -> Iterator[str]:
    """The text constants of a file that are no docstrings."""
    tree = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def files(of: Iterator[Path]) -> list[str]:
    return [str(path.relative_to(REPOSITORY / "cti")) for path in of]


def test_only_the_guard_makes_a_permit() -> None:
    assert files(path for path in SOURCES if calls(path, "Permit")) == ["floor/toll.py"]


def test_only_the_switch_knows_the_trunk_and_only_two_places_pass_a_number_on() -> None:
    named = {"@trunk": ["switch/asterisk.py"], "LD_NUMBER": ["floor/session.py", "switch/asterisk.py"]}
    for text, where in named.items():
        assert files(path for path in SOURCES if any(text in one for one in texts(path))) == where
    # `nodes.py` passes on what the switch orders; the doctor's rings nobody (doctor.conf)
    originate = ["doctor/look_asterisk.py", "nodes/nodes.py", "switch/asterisk.py"]
    assert files(path for path in SOURCES if any(one == "Originate" for one in texts(path))) == originate


@pytest.mark.parametrize("order", [Switch.dial, Switch.to_number])
def test_an_order_to_dial_takes_no_number(order: object) -> None:
    kinds = {str(each.annotation) for each in inspect.signature(order).parameters.values()}  # type: ignore[arg-type]
    assert kinds & {str(Permit), str(Dial)}
    assert str(Dial.__annotations__["permit"]) == str(Permit)


def test_the_dialplan_dials_outwards_in_one_place() -> None:
    dialled = [
        (path.name, line.strip())
        for path in sorted((REPOSITORY / "dialplan").glob("*.conf"))
        for line in path.read_text().splitlines()
        if re.search(r"\bDial\(", line) and not line.startswith(";")
    ]
    assert [name for name, line in dialled if "@trunk" in line] == ["customer.conf"]
    assert all("LD_DIAL}@trunk" in line or "LD_BOTH" in line for _, line in dialled)


@pytest.mark.parametrize("number", ["", "1001&PJSIP/2002", "1;2", "138 1111", "*43", "+86\n", "8613800000000@evil"])
def test_nothing_but_a_number_is_in_a_permit(number: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        Permit(number, "1")
