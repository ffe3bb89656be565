"""How what is kept is kept: the audit log's anchor."""

from pathlib import Path

from cti.config_file import ConfigModel


class AuditSettings(ConfigModel):
    anchor_file: Path = Path("var/audit-head.json")
    """The head of the audit log's hash chain, outside the database: see `cti.store.audit_anchor`."""
