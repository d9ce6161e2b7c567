"""in which role a report was approved, and whether by somebody else than its authors

Who approved one before was its manager; whether he wrote it, too, nobody noted.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("approved_role", sa.Text()), schema="controlling")
    op.add_column("report", sa.Column("four_eyes", sa.Boolean()), schema="controlling")
    op.execute("update controlling.report set approved_role = 'manager' where approved_at is not null")


def downgrade() -> None:
    op.drop_column("report", "four_eyes", schema="controlling")
    op.drop_column("report", "approved_role", schema="controlling")
