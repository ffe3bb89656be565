"""How the trees of dispositions are written in `config/laidian.yaml`, and what they ask for."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from cti.agents.wrap_up import FieldKind
from cti.config.file import ConfigModel
from cti.config.label import Text

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]*$", max_length=64)]


class OptionSettings(ConfigModel):
    code: Code
    label: Text


class FieldSettings(ConfigModel):
    """What a disposition asks for beside itself."""

    code: Code
    label: Text
    kind: FieldKind = "text"
    required: bool = False
    options: tuple[OptionSettings, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> "FieldSettings":
        if (self.kind == "choice") != bool(self.options):
            raise ValueError(
                f"the field '{self.code}' is a choice and needs options"
                if self.kind == "choice"
                else f"the field '{self.code}' has options: only one of kind choice may"
            )
        return self


class Disposition(ConfigModel):
    """A leaf is chosen; a branch with children only leads there. `complaint` and `follow_up_days` are suggestions."""

    code: Code
    label: Text
    children: tuple["Disposition", ...] = ()
    fields: tuple[FieldSettings, ...] = ()
    complaint: bool = False
    follow_up_days: Annotated[int, Field(ge=0, le=366)] | None = None

    @model_validator(mode="after")
    def _only_leaves_ask(self) -> "Disposition":
        if self.children and (self.fields or self.complaint or self.follow_up_days is not None):
            raise ValueError(f"'{self.code}' has children, one of which is chosen: let these ask for fields")
        return self


Tree = tuple[Disposition, ...]
Place = tuple[str | int, ...]


def everything(tree: Tree, here: Place = ()) -> Iterator[tuple[Disposition, Place]]:
    """Every branch and leaf, and where it stands below the tree."""
    for number, node in enumerate(tree):
        yield node, (*here, number)
        yield from everything(node.children, (*here, number, "children"))


def leaves(tree: Tree) -> Iterator[Disposition]:
    return (node for node, _ in everything(tree) if not node.children)
