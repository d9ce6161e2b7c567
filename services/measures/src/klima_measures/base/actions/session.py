"""Somebody at work: with which connection, who, on which installation."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from klima_measures.base.model.context import Context
from klima_shared.database.connections import ReadConnection, WriteConnection
from klima_shared.http.auth import Principal

C_co = TypeVar("C_co", bound=AsyncConnection, covariant=True)


@dataclass(frozen=True)
class Session(Generic[C_co]):
    """What nearly every action is given."""

    connection: C_co
    caller: Principal
    context: Context


ReadSession = Session[ReadConnection]
WriteSession = Session[WriteConnection]
AnySession = ReadSession | WriteSession
