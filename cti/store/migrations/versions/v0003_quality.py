"""Comments on recordings, scores, and rights that single people have beyond their role."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Text(), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("edited_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recording_comments"),
    )
    op.create_index("ix_recording_comments_interaction_id_at_s", "recording_comments", ["interaction_id", "at_s"])
    op.create_table(
        "scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("scorecard", sa.Text(), nullable=False),
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("percent", sa.Double(), nullable=True),
        sa.Column("failed", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.Column("acknowledged_at", sa.Double(), nullable=True),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scores"),
    )
    one_each = ["interaction_id", "agent_id", "scorecard", "scorer"]
    op.create_index("uq_scores_one_each", "scores", one_each, unique=True)
    op.create_index("ix_scores_agent_id_finished_at", "scores", ["agent_id", "finished_at"])
    op.create_index("ix_scores_finished_at", "scores", ["finished_at"])
    op.create_table(
        "user_rights",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("granted", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["users.login"], name="fk_user_rights_login", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("login", "granted", name="pk_user_rights"),
    )
