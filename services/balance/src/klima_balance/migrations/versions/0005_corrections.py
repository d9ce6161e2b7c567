"""history of records, degree days, last year of an organisation

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('record_history',
    sa.Column('entity', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('deleted', sa.Boolean(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('entity', 'key', 'revision', name=op.f('pk_record_history')),
    schema='balance',
    comment='every revision of what has a key of its own, the deleting one included'
    )
    op.create_table('degree_days',
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('definition', sa.Text(), nullable=False, comment='how they were counted, e.g. G20/15'),
    sa.Column('mean', sa.Double(), nullable=False),
    sa.Column('mean_period', sa.Text(), nullable=False),
    sa.Column('years', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='degree days by year'),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('revision', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['region'], ['balance.region.ags'], name=op.f('fk_degree_days_region')),
    sa.PrimaryKeyConstraint('region', name=op.f('pk_degree_days')),
    schema='balance',
    comment='one series a region, for the weather view; never of the balance'
    )
    op.add_column('organisation', sa.Column('to_year', sa.SmallInteger(), nullable=True, comment='the last year of its balance'), schema='balance')
    # What stands there is remembered as it is, so that its next revision has a predecessor.
    op.execute("""
        insert into balance.record_history (entity, key, revision, deleted, content, changed_at, changed_by)
        select 'heat_supply', region || '/' || year || '/' || network, revision, false,
               to_jsonb(h) - '{region,year,network,revision,changed_at,changed_by}'::text[], changed_at, changed_by
        from balance.heat_supply h
    """)


def downgrade() -> None:
    op.drop_column('organisation', 'to_year', schema='balance')
    op.drop_table('degree_days', schema='balance')
    op.drop_table('record_history', schema='balance')
