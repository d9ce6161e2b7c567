"""What the routes of the four registers share: pages by id, the answer to a new row."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel
from sqlalchemy import ColumnElement

from klima_balance.organisation.queries import Register
from klima_shared.database.connections import Read
from klima_shared.http.idempotency import Created
from klima_shared.http.paging import Paging, check_key
from klima_shared.http.problems import problem_responses
from klima_shared.revisions import entities
from klima_shared.revisions.entities import R

ONE = "/{organisation_id}"
CREATE = (400, 401, 403, 404, 409, 413, 422)
CHANGE = problem_responses(400, 401, 403, 404, 409, 412, 422, 428)
REMOVE = problem_responses(401, 403, 404, 409, 412, 422, 428)


class _Listing:
    """A page of a register, by id."""

    def __init__(self, read: Read, page: Paging) -> None:
        self.read, self.page = read, page

    async def rows(
        self, register: Register[R], where: Sequence[ColumnElement[bool]]
    ) -> tuple[Sequence[R], str | None]:
        after = check_key(self.page.after, UUID)
        limit = self.page.limit + 1
        rows = await entities.listing(self.read, register, where, after=after, limit=limit)
        return self.page.cut(rows, ["id"])


Listing = Annotated[_Listing, Depends(_Listing)]


def created(register: Register[R], path: str, row: R, body: BaseModel) -> Created:
    identity = register.identity(row)
    return Created(body, location=f"{path}/{identity}", etag=register.etag(row))


def path_of_parts(organisation: UUID, name: str) -> str:
    return f"/v1/organisations/{organisation}/{name}"
