"""balances whose year is not complete yet

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('balance', sa.Column('provisional', sa.Boolean(), server_default=sa.false(), nullable=False, comment='figures of the year are still to come: never the newest complete year'), schema='balance')
    # No electricity factor later than of 2022 was ever shipped: what stands there carries it.
    op.execute("update balance.balance set provisional = true where year > 2022")


def downgrade() -> None:
    op.drop_column('balance', 'provisional', schema='balance')
