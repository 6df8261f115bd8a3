"""The tokens that a request carries, told one by one."""

from collections.abc import Iterator

from stctl.exchange import Request, first_value
from stctl.recipe.config import AppConfig
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ANTI_CSRF_HEADER,
    REFRESH_COOKIE,
    Place,
    read_transfer,
)
from stctl.scenarios.generations import Generations
from stctl.scenarios.results import Carried, TokenKind


def carried_by(
    request: Request, place: Place, generations: Generations, app: AppConfig
) -> tuple[Carried, ...]:
    """Return what a request carries, access token first."""
    return tuple(_carried(request, place, generations, app))


def _carried(
    request: Request, place: Place, generations: Generations, app: AppConfig
) -> Iterator[Carried]:
    transfer = read_transfer(request, app.profile)
    is_refresh = request.path == app.refresh_path
    if place == "header" and transfer.bearer:
        kind: TokenKind = "refresh_token" if is_refresh else "access_token"
        yield _one(kind, "Authorization", transfer.bearer, generations)
    access = transfer.cookie(ACCESS_COOKIE)
    if access:
        yield _one("access_token", f"cookie {ACCESS_COOKIE}", access, generations)
    refresh = transfer.cookie(REFRESH_COOKIE)
    if refresh:
        yield _one("refresh_token", f"cookie {REFRESH_COOKIE}", refresh, generations)
    anti_csrf = first_value(request.headers, ANTI_CSRF_HEADER)
    if anti_csrf is not None:
        yield Carried(
            kind="anti_csrf", place=f"header {ANTI_CSRF_HEADER}", name=None, text=anti_csrf
        )


def _one(kind: TokenKind, place: str, text: str, generations: Generations) -> Carried:
    return Carried(kind=kind, place=place, name=generations.name_of(text), text=text)
