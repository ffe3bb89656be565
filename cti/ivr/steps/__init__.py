"""The kinds of steps a flow is made of: for each its keys in the file, and what it says to the caller and asks."""

from typing import Annotated

from pydantic import Field

from cti.ivr.steps.collect import Collect
from cti.ivr.steps.hours import Hours
from cti.ivr.steps.leave import EndCall, Enqueue, GoBack, LeaveMessage, TransferOut
from cti.ivr.steps.lookup import LookUp
from cti.ivr.steps.menu import Menu
from cti.ivr.steps.say import Say, SetLanguage

Step = Annotated[
    Say | Menu | Collect | SetLanguage | Hours | LookUp | Enqueue | LeaveMessage | TransferOut | GoBack | EndCall,
    Field(discriminator="type"),
]

__all__ = [
    "Collect",
    "EndCall",
    "Enqueue",
    "GoBack",
    "Hours",
    "LeaveMessage",
    "LookUp",
    "Menu",
    "Say",
    "SetLanguage",
    "Step",
    "TransferOut",
]
