"""Migrations of a service: alembic with a lock, so that several replicas may start at once, and
with time limits, so that a migration waits for nobody for long and nobody for it.
"""

import zlib
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection

LOCK_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_SECONDS = 300


def config_for(package_file: str | Path, database_url: str = "") -> Config:
    """Alembic's configuration of the service whose `storage/migrations` folder lies beside
    `package_file`."""
    config = Config()
    config.set_main_option("script_location", str(Path(package_file).parent / "migrations"))
    config.attributes["database_url"] = database_url
    return config


def head_revision(config: Config) -> str | None:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(config).get_current_head()


def older_revisions(config: Config) -> frozenset[str]:
    """The revisions before the newest that this program knows: on those it can't work."""
    scripts = ScriptDirectory.from_config(config)
    return frozenset(script.revision for script in scripts.walk_revisions()) - {
        scripts.get_current_head()
    }


async def current_revision(connection: AsyncConnection, schema: str) -> str | None:
    """The revision the database is at; None where it was never migrated."""
    name = f"{schema}.alembic_version"
    there = await connection.execute(text("select to_regclass(:name)"), {"name": name})
    if there.scalar() is None:
        return None
    # The name is our own.
    query = text(f"select version_num from {name}")  # noqa: S608
    return (await connection.execute(query)).scalar()


def upgrade(config: Config, revision: str = "head") -> None:
    """Bring the database to a revision; waits for another one who is doing the same."""
    command.upgrade(config, revision)


def downgrade(config: Config, revision: str) -> None:
    command.downgrade(config, revision)


def run_env(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` calls. Takes `connection` or `database_url` from the
    config's attributes."""
    attributes = context.config.attributes
    given = attributes.get("connection")
    if isinstance(given, Connection):
        _migrate(given, metadata)
        return
    # Nothing is prepared: behind a pooler, names of prepared statements would meet another
    # client's.
    engine = create_engine(
        str(attributes["database_url"]), connect_args={"prepare_threshold": None}
    )
    try:
        with engine.connect() as connection:
            _migrate(connection, metadata)
            connection.commit()
    finally:
        engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    schema = str(metadata.schema)
    # The lock is the transaction's: it is released however the migration ends, behind a pooler too.
    connection.execute(
        text("select pg_advisory_xact_lock(:key)"), {"key": zlib.crc32(f"klima {schema}".encode())}
    )
    connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'"))
    connection.execute(text(f"set local statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'"))
    if (
        connection.execute(text("select to_regnamespace(:schema)"), {"schema": schema}).scalar()
        is None
    ):
        connection.execute(text(f'create schema "{schema}"'))
    # The role's search path may name its schema; tables are named with theirs all the same, and
    # compared so.
    connection.dialect.default_schema_name = "public"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=schema,
        include_schemas=True,
        include_name=lambda name, kind, _: kind != "schema" or name == schema,
        include_object=lambda _object, name, kind, _reflected, _other: (
            kind != "table" or name != "alembic_version"
        ),
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
