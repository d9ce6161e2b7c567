"""costs that fall due every year stand beside those that fall due once, in no sum with them

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SUM = """(
    select sum(c.amount_eur) from measures.measure_cost c
    where c.measure_id = v.measure_id and c.audience = v.audience{which}
)"""


def upgrade() -> None:
    column = sa.Column(
        "cost_yearly_eur", sa.Numeric(16, 2), comment="due every year, never added to it"
    )
    op.add_column("measure_view", column, schema="measures")
    once, yearly = SUM.format(which=" and not c.recurring"), SUM.format(which=" and c.recurring")
    op.execute(f"update measures.measure_view v set cost_eur = {once}, cost_yearly_eur = {yearly}")
    _comment("due once; null: not one amount is known")


def downgrade() -> None:
    op.execute(f"update measures.measure_view v set cost_eur = {SUM.format(which='')}")
    op.drop_column("measure_view", "cost_yearly_eur", schema="measures")
    _comment("null: not one amount is known")


def _comment(text: str) -> None:
    op.execute(f"comment on column measures.measure_view.cost_eur is '{text}'")
