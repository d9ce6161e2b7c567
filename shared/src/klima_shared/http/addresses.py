"""Which operations an address has.

`/v1/kick-offs/report` is an address of its own; that it also fits `/v1/kick-offs/{entry_id}` gives
it none of that template's methods (OpenAPI, path templating: concrete paths come first).
"""

from collections.abc import Iterable, Iterator

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match

from klima_shared.http.problems import not_offered, write_problem


def install_addresses(app: FastAPI) -> None:
    """Answer 405 with all methods of the address. When all routes are there."""
    app.state.written_out = _written_out(app)

    async def on_other_method(request: Request, _error: Exception) -> JSONResponse:
        return write_problem(request, not_offered(offered_methods(request)))

    app.add_exception_handler(405, on_other_method)


def _written_out(app: FastAPI) -> dict[str, frozenset[str]]:
    """The methods of all addresses without parameters."""
    found: dict[str, frozenset[str]] = {}
    for route in _each(app.routes):
        path = getattr(route, "path", "{")
        if "{" not in path:
            found[path] = found.get(path, frozenset()) | _methods(route)
    return found


def offered_methods(request: Request) -> list[str]:
    """All methods of the address of a request, of whichever routes they are."""
    found = request.app.state.written_out.get(request.url.path)
    if found is None:
        found = frozenset(
            method
            for route in _each(request.app.routes)
            if route.matches({**request.scope, "path_params": {}})[0] is not Match.NONE
            for method in _methods(route)
        )
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


async def check_address(request: Request) -> None:
    """405 where a template took a request for an address that is written out elsewhere."""
    found = request.app.state.written_out.get(request.url.path)
    if found is not None and request.method not in found:
        raise not_offered(offered_methods(request))


def _methods(route: BaseRoute) -> frozenset[str]:
    return frozenset(getattr(route, "methods", None) or ())


def _each(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(route, "effective_candidates", None)  # of an included router
        if inner is None:
            yield route
        else:
            yield from _each(inner())
