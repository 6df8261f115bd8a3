"""A real app in the place of the rehearsed backend."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from stctl.exchange import Request
from stctl.recipe.arrival import Reach
from stctl.recipe.config import AppConfig
from stctl.recipe.walk import Walked
from stctl.scenarios.app.line import AppLine
from stctl.scenarios.app.tokens import new_access_token, new_tokens
from stctl.scenarios.served import Served

_UNREACHED: Final[Mapping[Reach, str]] = {
    Reach.NO_ROUTE: "the app has no such route",
    Reach.GATEWAY: "something in front of the app answered",
}


class AppBackend:
    """Hands requests to an app; what it did with them is concluded from its answers."""

    def __init__(self, line: AppLine, app: AppConfig) -> None:
        self._line = line
        self._app = app

    def warm_up(self) -> None:
        """Nothing: an app that runs is warm."""

    def serve(self, request: Request, *, short_lived: bool = False) -> Served:
        """Send one request to the app.

        How long tokens live is the app's business, so `short_lived` is passed over. Raises APP_DOWN
        when it cannot be reached.
        """
        del short_lived
        exchange, told = self._line.ask(request)
        response = exchange.response
        made = new_tokens(response, self._app.profile)
        if (given := new_access_token(response, self._app.profile)) is not None:
            self._line.signatures.saw(given.token)
        fresh = None if made else given
        return Served(
            walked=Walked(value=replace(told.answered, response=response), steps=(), ruled_out=()),
            calls=(),
            handler_calls=0,
            issued=() if made is None else (made,),
            reminted=() if fresh is None else (fresh,),
            reuse=None,
            reasons=told.reasons,
            why_not=told.why_not,
            alternatives=told.alternatives,
            unreached=_UNREACHED.get(told.reach),
        )
