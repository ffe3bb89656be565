"""What a disposition asks for, and follow-up tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("'{}'")
    op.add_column("interactions", sa.Column("fields", sa.JSON(), server_default=empty, nullable=False))
    op.add_column("wrap_ups", sa.Column("fields", sa.JSON(), server_default=empty, nullable=False))
    for name, default in (("queue", ""), ("follow_up_kind", "agent"), ("follow_up_owner", ""), ("follow_up_text", "")):
        op.add_column("wrap_ups", sa.Column(name, sa.Text(), server_default=default, nullable=False))
    op.create_index(
        "ix_wrap_ups_unfinished",
        "wrap_ups",
        ["at"],
        sqlite_where=sa.text("final = 0"),
        postgresql_where=sa.text("final = false"),
    )
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("interaction_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("done_at", sa.Double()),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_done_at", "tasks", ["done_at"])
