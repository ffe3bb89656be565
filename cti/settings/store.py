"""`store` in `config/laidian.yaml`: what may wait for the database."""

from typing import Annotated, Literal

from pydantic import Field

from cti.config.file import ConfigModel

MB = 1 << 20


class StoreSettings(ConfigModel):
    fsync: Literal["never", "interval", "always"] = "interval"
    """When the journal of facts is synced to disk, which matters at a power cut only: `cti.store.inbox.Keeping`."""
    spool_limit_mb: Annotated[float, Field(ge=1)] = 4096
    """How much of the journal may wait while the database is away."""

    @property
    def spool_limit(self) -> int:
        return int(self.spool_limit_mb * MB)
