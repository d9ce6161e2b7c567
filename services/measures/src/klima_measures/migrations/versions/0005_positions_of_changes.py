"""positions of changes: the change feed goes by the order of commits

What a service of before writes beside it gets its position too. Positions come from the sequence of
the ids, so that a cursor of before (an id) leaves nothing out; some entries may come a second time.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TOLD = "('measure', 'contact', 'event', 'campaign', 'actor', 'network')"


def upgrade() -> None:
    position = sa.Column(
        "position", sa.BigInteger(), nullable=True, comment="order of commits; null for what no feed tells"
    )
    op.add_column("audit", position, schema="measures")
    op.execute(f"update measures.audit set position = id where entity in {TOLD}")
    op.create_index(op.f("ix_audit_position"), "audit", ["position"], unique=False, schema="measures")
    # Deferred to the commit, where its lock is held for a moment only and nobody who holds it waits
    # for anything else.
    op.execute("""
        create function measures.audit_position() returns trigger language plpgsql as $$
        begin
            perform pg_advisory_xact_lock(hashtextextended('measures feed', 0));
            update measures.audit set position = nextval('measures.audit_id_seq') where id = new.id;
            return null;
        end $$
    """)
    op.execute(f"""
        create constraint trigger audit_position after insert on measures.audit
        deferrable initially deferred for each row when (new.entity in {TOLD})
        execute function measures.audit_position()
    """)


def downgrade() -> None:
    op.execute("drop trigger audit_position on measures.audit")
    op.execute("drop function measures.audit_position()")
    op.drop_index(op.f("ix_audit_position"), table_name="audit", schema="measures")
    op.drop_column("audit", "position", schema="measures")
