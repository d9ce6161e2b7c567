"""Somebody at work: with which connection, who, on which installation."""

from dataclasses import dataclass, field

from klima_measures.base.model.context import Context
from klima_shared.database.connections import ReadConnection
from klima_shared.http.auth import Principal
from klima_shared.revisions.writing import Writer


@dataclass(frozen=True)
class ReadSession:
    """What nearly every action that reads is given."""

    connection: ReadConnection
    principal: Principal
    context: Context


@dataclass(frozen=True, slots=True)
class WriteSession(Writer):
    """What every action that writes a sheet is given."""

    context: Context = field(kw_only=True)


AnySession = ReadSession | WriteSession
