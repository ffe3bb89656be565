"""The diagrams in docs/architecture.md are the tables; `python -m tests.unit.docs.test_diagrams` writes them anew."""

import re
from pathlib import Path

from cti.acd import interaction
from cti.agents import state
from cti.agents.diagram import mermaid

DOCUMENT = Path(__file__).parents[3] / "docs" / "architecture.md"
DIAGRAMS = {
    "cti.agents.state": mermaid(state.TRANSITIONS, start=state.AgentState.LOGGED_OUT),
    "cti.acd.interaction": mermaid(interaction.TRANSITIONS, start=interaction.InteractionState.NEW),
}
SHOWN = re.compile(r"(<!-- python -m (?P<module>[\w.]+) -->\n```mermaid\n)(?P<diagram>.*?)(?=```)", re.DOTALL)


def renewed(text: str) -> str:
    """The document with every diagram as its table is now."""
    return SHOWN.sub(lambda found: found[1] + DIAGRAMS[found["module"]], text)


def test_the_document_shows_both_tables_as_they_are() -> None:
    text = DOCUMENT.read_text()
    assert {found["module"]: found["diagram"] for found in SHOWN.finditer(text)} == DIAGRAMS


def test_writing_them_anew_repairs_a_diagram_and_nothing_else() -> None:
    text = DOCUMENT.read_text()
    assert renewed(text.replace("LOGGED_OUT --> NOT_READY: sign_in", "LOGGED_OUT --> READY: sign_in")) == text


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text()))
