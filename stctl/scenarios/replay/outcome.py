"""What became of one request, recorded or played."""

from dataclasses import dataclass

from stctl.recipe.failures import ErrorName, HandlerName
from stctl.sessions.answers import ReuseSubtype


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The error of a request with its handler; both None where it went well."""

    error: ErrorName | None
    handler: HandlerName | None = None
    reuse: ReuseSubtype | None = None
    """How the core classed the reuse of a refresh token, from CDI 5.6 on."""
    missing_since: int | None = None
    """The request was not played: its tokens would never have been issued, since the request at
    this place had been refused. `error` is None then, and says nothing."""
