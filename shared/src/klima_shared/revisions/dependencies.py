"""Who writes, as dependencies of routes. The role is checked, and `If-Match` read, before the
connection is taken."""

from typing import Annotated

from fastapi import Depends, Request

from klima_shared.database.connections import Write, database_of
from klima_shared.http.auth import Editor, Manager
from klima_shared.http.etags import RequiredIfMatch
from klima_shared.revisions.writing import Writer


async def _editor(request: Request, editor: Editor, write: Write) -> Writer:
    return Writer(write, editor, database_of(request).metadata)


async def _editor_change(
    request: Request, editor: Editor, if_match: RequiredIfMatch, write: Write
) -> Writer:
    return Writer(write, editor, database_of(request).metadata, if_match)


async def _manager(request: Request, manager: Manager, write: Write) -> Writer:
    return Writer(write, manager, database_of(request).metadata)


async def _manager_change(
    request: Request, manager: Manager, if_match: RequiredIfMatch, write: Write
) -> Writer:
    return Writer(write, manager, database_of(request).metadata, if_match)


EditorWriter = Annotated[Writer, Depends(_editor)]
"""An editor who makes something new."""
EditorChange = Annotated[Writer, Depends(_editor_change)]
"""An editor who changes what he has read: with `If-Match`."""
ManagerWriter = Annotated[Writer, Depends(_manager)]
ManagerChange = Annotated[Writer, Depends(_manager_change)]
