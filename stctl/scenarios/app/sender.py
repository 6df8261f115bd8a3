"""Makes requests to a real app of what people do."""

from dataclasses import dataclass, replace

from stctl.scenarios.app.line import AppSetUp
from stctl.scenarios.browser import Browser
from stctl.scenarios.model import Call, LogIn, Sending
from stctl.scenarios.sending import Fields, Sender, Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSender(Sender):
    """Sends to the app's own routes what a step asks of the rehearsed app's."""

    set_up: AppSetUp

    def send(self, deed: Sending, browser: Browser, fields: Fields, now_ms: int) -> Sent:
        """Return the request."""
        if isinstance(deed, LogIn) and self.set_up.login is not None:
            login = self.set_up.login
            plain = browser.request(login.route.method, login.route.path, now_ms=now_ms)
            return Sent(browser, login.request(self.user_id(deed.user), plain))
        if isinstance(deed, Call) and (route := self.set_up.routes.find(deed)) is not None:
            there = replace(deed, method=route.method, path=route.path)
            sent = Sender.send(self, there, browser, fields, now_ms)
            return replace(sent, request=replace(sent.request, query=route.query))
        return Sender.send(self, deed, browser, fields, now_ms)
