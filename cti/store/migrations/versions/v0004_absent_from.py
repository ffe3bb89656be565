"""Which of the own queues an agent has left for the time being."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("absent_from", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
