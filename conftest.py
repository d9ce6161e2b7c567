"""The fixtures that every package's tests use: Postgres, databases of the services, tokens."""

pytest_plugins = ["klima_local.testing", "klima_local.live"]
