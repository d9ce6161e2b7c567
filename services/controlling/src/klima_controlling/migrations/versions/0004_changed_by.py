"""who changed a row last, as things with revisions have it everywhere

A row that was never changed was last written by whoever made it; of the others nobody noted it in
the row, and they say `unknown`. So does what a service of before writes beside this one.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AUTHORED = ("budget_entry", "corrective_action", "data_delivery", "progress_report", "report")


def upgrade() -> None:
    for table in (*AUTHORED, "indicator"):
        column = sa.Column("changed_by", sa.Text(), nullable=False, server_default="unknown")
        op.add_column(table, column, schema="controlling")
    for table in AUTHORED:
        op.execute(f"update controlling.{table} set changed_by = created_by where revision = 1")


def downgrade() -> None:
    for table in (*AUTHORED, "indicator"):
        op.drop_column(table, "changed_by", schema="controlling")
