"""partial factor sets name the set they rest on

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('factor_set', sa.Column('base', sa.Text(), nullable=True, comment='the released set that a partial one takes from what it lacks'), schema='balance')
    op.create_foreign_key(op.f('fk_factor_set_base'), 'factor_set', 'factor_set', ['base'], ['id'], source_schema='balance', referent_schema='balance')
    op.create_index(op.f('ix_factor_set_base'), 'factor_set', ['base'], unique=False, schema='balance')


def downgrade() -> None:
    op.drop_index(op.f('ix_factor_set_base'), table_name='factor_set', schema='balance')
    op.drop_constraint(op.f('fk_factor_set_base'), 'factor_set', schema='balance', type_='foreignkey')
    op.drop_column('factor_set', 'base', schema='balance')
