"""boundaries of regions

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('region_geometry',
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('geometry', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='GeoJSON Polygon or MultiPolygon in WGS 84, as it was imported'),
    sa.Column('source', sa.Text(), nullable=False, comment='attribution, as its licence wants it'),
    sa.Column('licence', sa.Text(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=True, comment='of when the boundary is'),
    sa.Column('imported_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['region'], ['balance.region.ags'], name=op.f('fk_region_geometry_region'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('region', name=op.f('pk_region_geometry')),
    schema='balance',
    comment='boundaries imported from a GeoJSON file'
    )


def downgrade() -> None:
    op.drop_table('region_geometry', schema='balance')
