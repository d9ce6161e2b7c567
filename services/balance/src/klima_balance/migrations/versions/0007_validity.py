"""successors of regions that ended, and what their days are from

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('region', sa.Column('validity', sa.Text(), nullable=True, comment='what the days are from: register, tables'), schema='balance')
    op.create_table('succession',
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('successor', sa.Text(), nullable=False),
    sa.Column('share', sa.Double(), nullable=False, comment='of the territory; sums to 1'),
    sa.ForeignKeyConstraint(['region'], ['balance.region.ags'], name=op.f('fk_succession_region')),
    sa.ForeignKeyConstraint(['successor'], ['balance.region.ags'], name=op.f('fk_succession_successor')),
    sa.PrimaryKeyConstraint('region', 'successor', name=op.f('pk_succession')),
    schema='balance',
    comment='where the territory of a region went that ended'
    )


def downgrade() -> None:
    op.drop_table('succession', schema='balance')
    op.drop_column('region', 'validity', schema='balance')
