"""The same clients as for participation."""

from services.measures.tests.participation.conftest import client, example, start

__all__ = ["client", "example", "start"]
