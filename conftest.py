"""The fixtures that every package's tests use: Postgres, databases of the services, tokens."""

pytest_plugins = ["tests.fixtures.databases", "tests.fixtures.live"]
