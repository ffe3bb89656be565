"""The audit log becomes a hash chain; what is in it already is chained in the order of publication."""

import sqlalchemy as sa
from alembic import op

from cti.store.audit import seal

revision = "0013"
down_revision = "0008"
branch_labels = None
depends_on = None

_COLUMNS = ("fact_id", "at", "actor", "role", "command", "subject", "allowed", "detail", "interaction_id")
_PAGE = 1000


def upgrade() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_chain"),
        sa.UniqueConstraint("fact_id", name="uq_audit_chain_fact_id"),
    )
    connection = op.get_bind()
    audit = sa.table("audit", *(sa.column(name) for name in _COLUMNS))
    audit.c.allowed.type = sa.Boolean()
    after = ""
    while True:
        page = sa.select(audit).where(audit.c.fact_id > after).order_by(audit.c.fact_id).limit(_PAGE)
        rows = [dict(row) for row in connection.execute(page).mappings()]
        seal(connection, rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1]["fact_id"]
