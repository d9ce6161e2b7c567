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


COLUMNS = (
    ("approved_role", sa.Text(), "the role, for everybody; who it was is not shown"),
    ("four_eyes", sa.Boolean(), "approved by none of its authors; null: not noted"),
)


def upgrade() -> None:
    for name, kind, comment in COLUMNS:
        op.add_column("report", sa.Column(name, kind, comment=comment), schema="controlling")
    op.execute("update controlling.report set approved_role = 'manager' where approved_at is not null")


def downgrade() -> None:
    op.drop_column("report", "four_eyes", schema="controlling")
    op.drop_column("report", "approved_role", schema="controlling")
