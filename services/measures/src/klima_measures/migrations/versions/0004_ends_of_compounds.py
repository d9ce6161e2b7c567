"""ends of compounds: words that were stored before get what `storage.full_text` adds to new ones

A service of before reads and writes beside it: what it writes is found by the beginnings of
compounds only.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = ("words", "title_words")


def upgrade() -> None:
    for column in COLUMNS:
        op.execute(f"""
            update measures.measure_words set {column} = {column} || array_to_tsvector(array(
                select '<' || left(reverse(stem), -3) from unnest(tsvector_to_array({column})) as stem
                where stem ~ '^[a-z]{{7,}}$'
            ))
        """)


def downgrade() -> None:
    for column in COLUMNS:
        op.execute(f"""
            update measures.measure_words set {column} = ts_delete({column}, array(
                select stem from unnest(tsvector_to_array({column})) as stem where stem ~ '^<[a-z]+$'
            ))
        """)
