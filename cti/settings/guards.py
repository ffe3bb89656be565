"""`outbound.limits` and `admission` in config/laidian.yaml: how much may be dialled, and how many callers come in."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from cti.config.file import ConfigModel
from cti.floor.rules import TollBounds
from cti.settings.queues import check_way_out

Count = Annotated[int, Field(ge=1)]
Money = Annotated[float, Field(gt=0)]


class CertificateSettings(ConfigModel):
    """PEM files; `key` None: the key is in the certificate's file."""

    certificate: Path
    key: Path | None = None


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


class AdmissionSettings(ConfigModel):
    """When new callers are turned away, see `cti/floor/admission.py`; `null`: no limit. Without any, nobody is.

    `queue` None: the first of config/queues.yaml. `way_out` is written as in a queue; None: a sentence and a goodbye.
    """

    callers: Count | None = None
    event_age_s: Annotated[float, Field(gt=0)] | None = None
    loop_lag_s: Annotated[float, Field(gt=0)] | None = None
    queue: str | None = None
    way_out: Annotated[str, AfterValidator(check_way_out)] | None = None
    vip: Annotated[int, Field(ge=1)] | None = None


class TollSettings(ConfigModel):
    """Of one user, of all together, and to one number, whoever asked for it."""

    per_user: TollBoundsSettings = TollBoundsSettings(per_minute=20, per_hour=200)
    in_all: TollBoundsSettings = TollBoundsSettings()
    per_number_day: Count | None = 50
