"""Numbers that customers share, addresses, deliveries, warranty, configured fields, and merges of duplicates."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Batch mode: SQLite cannot change a primary key, the table is made anew and filled.
    with op.batch_alter_table("customer_numbers") as numbers:
        numbers.drop_constraint("pk_customer_numbers", type_="primary")
        numbers.create_primary_key("pk_customer_numbers", ["number", "customer_id"])
    op.add_column("customers", sa.Column("updated_by", sa.Text(), server_default="", nullable=False))
    op.add_column("customers", sa.Column("extra", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("customers", sa.Column("addresses", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("customers", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.create_index("ix_customers_merged_into", "customers", ["merged_into"])
    for name in ("carrier", "tracking", "delivery", "scan"):
        op.add_column("orders", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("orders", sa.Column("scanned_at", sa.Double(), nullable=True))
    op.add_column("orders", sa.Column("warranty_until", sa.Double(), nullable=True))
    op.create_table(
        "customer_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.Double(), nullable=True),
        sa.Column("undone_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer_merges"),
    )
    op.create_index("ix_customer_merges_kept_id", "customer_merges", ["kept_id"])
    op.create_index("ix_customer_merges_other_id", "customer_merges", ["other_id"])
