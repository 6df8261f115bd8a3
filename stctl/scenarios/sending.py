"""Makes requests of what people do."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stctl.exchange import Request
from stctl.recipe.config import AppConfig
from stctl.scenarios.browser import Browser
from stctl.scenarios.load import resolve
from stctl.scenarios.model import Call, LogIn, Refresh, Reply, Sending, SignOut
from stctl.scenarios.routes import LOGIN_PATH

Fields = Mapping[str, Mapping[str, str | None]]
"""What came of earlier steps, by their names."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request on its way, and what it is there for."""

    browser: Browser
    request: Request
    presented: str | None = None
    """The refresh token, where it asks for a refresh."""
    short_lived: bool = False
    reply: Reply = "arrives"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends what a step says, with what a browser holds at that moment."""

    app: AppConfig
    user_id: Callable[[str], str]
    """The id of a user of the scenario."""
    is_rehearsal: bool

    def send(self, deed: Sending, browser: Browser, fields: Fields, now_ms: int) -> Sent:
        """Return the request."""
        match deed:
            case LogIn():
                return self._log_in(deed, browser, now_ms)
            case Call(method=method, path=path, access_token=access_token, reply=reply):
                if access_token is not None:
                    browser.hold_access_token(resolve(access_token, fields))
                request = browser.request(method, path, now_ms=now_ms)
                return Sent(browser, request, reply=reply)
            case Refresh():
                return self._refresh(deed, browser, fields, now_ms)
            case SignOut():
                path = self.app.sign_out_path
                return Sent(browser, browser.request("POST", path, now_ms=now_ms))

    def _log_in(self, deed: LogIn, browser: Browser, now_ms: int) -> Sent:
        document: dict[str, object] = {"user": self.user_id(deed.user)}
        if deed.payload:
            document["payload"] = dict(deed.payload)
        body = json.dumps(document).encode()
        request = browser.request("POST", LOGIN_PATH, now_ms=now_ms, body=body)
        return Sent(browser, request, short_lived=deed.short_lived and not self.is_rehearsal)

    def _refresh(self, deed: Refresh, browser: Browser, fields: Fields, now_ms: int) -> Sent:
        path = self.app.refresh_path
        if deed.refresh_token is not None:
            browser.hold_refresh_token(resolve(deed.refresh_token, fields), path)
        request = browser.request("POST", path, now_ms=now_ms, is_refresh=True)
        return Sent(browser, request, presented=browser.refresh_token, reply=deed.reply)
