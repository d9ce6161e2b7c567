"""figures that are no energy: population, areas, herds

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_COMMENT = "comment on column balance.activity.quantity_mwh is 'converted with the heating values (Hi){}'"


def upgrade() -> None:
    op.execute("alter table balance.activity alter column quantity_mwh drop not null")
    op.execute("update balance.activity set quantity_mwh = null where sector = 'statistics'")
    op.execute(_COMMENT.format("; null: no energy"))


def downgrade() -> None:
    op.execute("update balance.activity set quantity_mwh = 0 where quantity_mwh is null")
    op.execute("alter table balance.activity alter column quantity_mwh set not null")
    op.execute(_COMMENT.format(""))
