"""What the distributor goes by (groups, branches, tiers, named agents), what it explained, and callbacks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("groups", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("users", sa.Column("branch", sa.Text(), server_default="", nullable=False))
    op.add_column("users", sa.Column("tiers", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("users", sa.Column("weight", sa.Double(), server_default=sa.text("1"), nullable=False))
    op.add_column("customers", sa.Column("branch", sa.Text(), server_default="", nullable=False))
    op.add_column("customers", sa.Column("agent_id", sa.Text(), server_default="", nullable=False))
    op.add_column("queue_visits", sa.Column("why", sa.JSON(), nullable=True))
    op.add_column("offers", sa.Column("why", sa.JSON(), nullable=True))
    op.create_table(
        "callbacks",
        sa.Column("interaction_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("requested_at", sa.Double(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("end", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("interaction_id", name="pk_callbacks"),
    )
    op.create_index("ix_callbacks_number", "callbacks", ["number"])
