"""`store` and `recording` in `config/laidian.yaml`: what may wait for the database, and when a disk is too full."""

from typing import Annotated, Literal

from pydantic import Field

from cti.config_file import ConfigModel

MB = 1 << 20


class StoreSettings(ConfigModel):
    fsync: Literal["never", "interval", "always"] = "interval"
    """When the journal of facts is synced to disk, which matters at a power cut only: `cti.store.inbox.Keeping`."""
    spool_limit_mb: Annotated[float, Field(ge=1)] = 4096
    """How much of the journal may wait while the database is away."""

    @property
    def spool_limit(self) -> int:
        return int(self.spool_limit_mb * MB)


class RecordingSettings(ConfigModel):
    min_free_mb: Annotated[float, Field(ge=0)] = 200
    """With less free room for recordings, raw or published, no new ones are begun; 0 for never."""
    disk_full: Literal["stop", "refuse"] = "stop"
    """Then calls go on without a recording, or new callers are told to call again later."""
