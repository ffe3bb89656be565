"""`outbound.limits` in config/laidian.yaml: how much may be dialled. What each is stands at `cti/floor/toll.py`."""

from typing import Annotated

from pydantic import Field

from cti.config_file import ConfigModel
from cti.floor.rules import TollBounds

Count = Annotated[int, Field(ge=1)]
Money = Annotated[float, Field(gt=0)]


class TollBoundsSettings(ConfigModel):
    """`null`: no limit. Minutes, hours and days are the last ones, not those of the clock."""

    at_once: Count | None = None
    per_minute: Count | None = None
    per_hour: Count | None = None
    per_day: Count | None = None
    spend_per_hour: Money | None = None
    spend_per_day: Money | None = None

    def bounds(self) -> TollBounds:
        return TollBounds(**self.model_dump())


class TollSettings(ConfigModel):
    """Of one user, of all together, and to one number, whoever asked for it."""

    per_user: TollBoundsSettings = TollBoundsSettings(per_minute=20, per_hour=200)
    in_all: TollBoundsSettings = TollBoundsSettings()
    per_number_day: Count | None = 50
