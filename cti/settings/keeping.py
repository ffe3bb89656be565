"""How what is kept is kept, and for how long: the audit log, recordings, interactions."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cti.config.file import ConfigModel


class AuditSettings(ConfigModel):
    anchor_file: Path = Path("var/audit-head.json")
    """The head of the audit log's hash chain, outside the database: see `cti.store.audit_anchor`."""


class KeySettings(ConfigModel):
    """`cti.recording.keys.KeySource`."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    key_file: Path | None = None
    key_command: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.key_file is None) == (not self.key_command):
            raise ValueError("expected either key_file or key_command")
        return self


class EncryptionSettings(ConfigModel):
    """The first of `keys` encrypts, all decrypt; without any, recordings are plain."""

    keys: tuple[KeySettings, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({key.id for key in self.keys}) < len(self.keys):
            raise ValueError("expected every id once")
        return self


Days = Annotated[float, Field(ge=0, le=36_500)]
"""0: for ever."""


class QueueRetentionSettings(ConfigModel):
    """Of one queue; None: as `retention` in config/laidian.yaml says."""

    recordings_days: Days | None = None
    interactions_days: Days | None = None


class RetentionSettings(ConfigModel):
    """How long recordings are kept, and of whom an interaction was. `at`: when a day's work begins, the site's time.

    `most`: how many interactions one day's work takes on.
    """

    recordings_days: Days = 0
    interactions_days: Days = 0
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "03:30"
    most: Annotated[int, Field(ge=1)] = 20_000


class RecordingSettings(ConfigModel):
    min_free_mb: Annotated[float, Field(ge=0)] = 200
    """With less room for recordings, raw or published, no new ones are begun; 0 for no limit."""
    disk_full: Literal["stop", "refuse"] = "stop"
    """Then calls go on without a recording, or new callers are turned away: see `cti.floor.disk`."""
    encryption: EncryptionSettings = EncryptionSettings()
