"""Plays one case: puts the actors on the stage and lets each step happen."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stctl.exchange import Request
from stctl.recipe.failures import ErrorName
from stctl.recipe.frontend import Action, FrontendConfig, NextAction, Purpose, Seen, next_action
from stctl.recipe.marks import read_marks
from stctl.recipe.why_not import why_not
from stctl.scenarios.backend import LOGIN_PATH, Backend, Served
from stctl.scenarios.browser import Browser, spoil_refresh_token, spoil_signature
from stctl.scenarios.carried import carried_by
from stctl.scenarios.durations import show_duration
from stctl.scenarios.expecting import deviations
from stctl.scenarios.generations import Generations, Use
from stctl.scenarios.load import resolve
from stctl.scenarios.model import (
    Call,
    Case,
    Change,
    CoreIs,
    LogIn,
    Refresh,
    Revoke,
    SignOut,
    Steal,
    Step,
    Wait,
)
from stctl.scenarios.results import Asked, StepResult
from stctl.scenarios.stage import LONGEST_WAIT_MS, Target, Wishes, open_core

_CORE_STATES: Mapping[str, str] = {
    "up": "the core can be reached",
    "down": "every connection to the core is refused (played by stctl)",
    "wrong-key": "the backend has an API key that the core does not know",
    "500": "stctl answers in the core's place: HTTP 500",
    "html": "stctl answers in the core's place: HTTP 200 and a web page",
}


class CannotPlay(Exception):  # noqa: N818 - it ends a case early and is no fault
    """A case cannot be played on, for a reason that people should be told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request on its way, and what it is there for."""

    browser: Browser
    request: Request
    presented: str | None = None
    """The refresh token, where it asks for a refresh."""
    short_lived: bool = False


class Rehearsal:
    """The stage of one case: who holds what, which tokens there are, what has happened."""

    def __init__(self, case: Case, target: Target, wishes: Wishes) -> None:
        self._case = case
        self._target = target
        self._clock = target.clock
        self._app = wishes.app_for(case.needs)
        self._place = wishes.place_for(case.needs)
        self._core = open_core(target, wishes.settings_for(case.needs), wishes.cdi)
        self._backend = Backend(self._app, self._core, target.clock, wishes.overrides)
        self._browsers: dict[str, Browser] = {}
        self._last_actions: dict[str, NextAction | None] = {}
        self._fields: dict[str, Mapping[str, str | None]] = {}
        self._users: dict[str, str] = {}
        self._handles: list[str] = []
        self._custom_has_fired = False
        self.generations = Generations()

    def play(self) -> Iterator[StepResult]:
        """Let each step happen; raises CannotPlay where the next one cannot."""
        self._backend.warm_up()
        for number, step in enumerate(self._case.steps, start=1):
            yield self._play(step, number)

    def remove_sessions(self) -> int:
        """Remove the sessions that were made; how many of them were still there."""
        self._core.link.state = "up"
        return len(self._core.rightful_client.revoke_handles(self._handles))

    def _play(self, step: Step, number: int) -> StepResult:
        match step.deed:
            case LogIn() | Call() | Refresh() | SignOut():
                return self._ask(step, step.deed, number)
            case Steal():
                return StepResult(number=number, step=step, told=self._steal(step.deed))
            case Change():
                return StepResult(number=number, step=step, told=self._change(step.deed))
            case Wait():
                return StepResult(number=number, step=step, waited_ms=self._wait(step.deed))
            case Revoke():
                return self._revoke(step, step.deed, number)
            case CoreIs(state=state):
                self._core.link.state = state
                return StepResult(number=number, step=step, told=_CORE_STATES[state])

    def _browser(self, name: str) -> Browser:
        return self._browsers.setdefault(name, Browser(name=name, place=self._place))

    def _steal(self, deed: Steal) -> str:
        victim = self._browser(deed.victim)
        copy = victim.copy_for(deed.who)
        self._browsers[deed.who] = copy
        held = [self._name(token) for token in (copy.access_token, copy.refresh_token) if token]
        return f"{deed.who} holds {' and '.join(held) or 'nothing'} as well"

    def _name(self, token: str) -> str:
        return self.generations.name_of(token) or "a token"

    def _change(self, deed: Change) -> str:
        browser = self._browser(deed.who)
        for thing in deed.lose:
            self._lose(browser, thing)
        for thing in deed.spoil:
            if thing == "access_token":
                browser.hold_access_token(spoil_signature(browser.access_token or ""))
            elif thing == "refresh_token":
                spoiled = spoil_refresh_token(browser.refresh_token or "")
                browser.hold_refresh_token(spoiled, self._app.refresh_path)
        lost = [f"loses {thing}" for thing in deed.lose]
        return f"{deed.who} {' and '.join([*lost, *(f'spoils {t}' for t in deed.spoil)])}"

    def _lose(self, browser: Browser, thing: str) -> None:
        match thing:
            case "access_token":
                browser.hold_access_token("")
            case "refresh_token":
                browser.hold_refresh_token("", self._app.refresh_path)
            case "anti_csrf":
                browser.anti_csrf = None
            case _:
                browser.sends_rid = False

    def _wait(self, deed: Wait) -> int:
        duration_ms = deed.duration_ms
        if duration_ms is None:
            duration_ms = self._until_expiry_ms(self._browser(deed.who))
        if not self._target.is_rehearsal:
            if duration_ms > LONGEST_WAIT_MS:
                raise CannotPlay(f"it would really take {show_duration(duration_ms)} there")
            self._target.notify(f"Waiting {show_duration(duration_ms)} ({self._case.name})")
        self._clock.wait_ms(duration_ms)
        return duration_ms

    def _until_expiry_ms(self, browser: Browser) -> int:
        token = self._backend.read_access_token(browser.access_token or "", self._app.profile).value
        if token is None:
            raise CannotPlay(f"{browser.name} holds no access token that could expire")
        left_ms = max(token.expires_at_ms - self._clock.now_ms(), 0)
        # Whole seconds, and at least a little longer than needed.
        return (left_ms // 1000 + 1) * 1000

    def _revoke(self, step: Step, deed: Revoke, number: int) -> StepResult:
        calls = self._core.link.calls
        first = len(calls)
        client = self._core.rightful_client
        if deed.handle is not None:
            gone = client.revoke_handles([resolve(deed.handle, self._fields)])
        else:
            gone = client.revoke_user(self._user(deed.user or ""))
        told = f"{len(gone)} session{'' if len(gone) == 1 else 's'} ended"
        return StepResult(number=number, step=step, calls=tuple(calls[first:]), told=told)

    def _user(self, name: str) -> str:
        return self._users.setdefault(name, self._target.name_user(name))

    def _ask(self, step: Step, deed: LogIn | Call | Refresh | SignOut, number: int) -> StepResult:
        sent = self._send(deed)
        served = self._backend.serve(sent.request, short_lived=sent.short_lived)
        asked = self._receive(sent, served, number)
        self._fields[step.name] = self._fields_of(sent.browser, served)
        counts = not self._custom_has_fired
        self._custom_has_fired |= asked.answered.firing.kind == "custom"
        found = () if step.expect is None else deviations(step.expect, asked)
        return StepResult(number=number, step=step, asked=asked, deviations=found, counts=counts)

    def _fields_of(self, browser: Browser, served: Served) -> Mapping[str, str | None]:
        session = served.walked.value.session
        return {
            "access_token": browser.access_token,
            "refresh_token": browser.refresh_token,
            "handle": None if session is None else session.handle,
        }

    def _send(self, deed: LogIn | Call | Refresh | SignOut) -> _Sent:
        browser = self._browser(deed.who)
        now_ms = self._clock.now_ms()
        match deed:
            case LogIn(user=user, short_lived=short_lived):
                body = json.dumps({"user": self._user(user)}).encode()
                request = browser.request("POST", LOGIN_PATH, now_ms=now_ms, body=body)
                honest = short_lived and not self._target.is_rehearsal
                return _Sent(browser, request, short_lived=honest)
            case Call(method=method, path=path, access_token=access_token):
                if access_token is not None:
                    browser.hold_access_token(resolve(access_token, self._fields))
                return _Sent(browser, browser.request(method, path, now_ms=now_ms))
            case Refresh(refresh_token=refresh_token):
                if refresh_token is not None:
                    chosen = resolve(refresh_token, self._fields)
                    browser.hold_refresh_token(chosen, self._app.refresh_path)
                request = browser.request(
                    "POST", self._app.refresh_path, now_ms=now_ms, is_refresh=True
                )
                return _Sent(browser, request, presented=browser.refresh_token)
            case SignOut():
                return _Sent(
                    browser, browser.request("POST", self._app.sign_out_path, now_ms=now_ms)
                )

    def _receive(self, sent: _Sent, served: Served, number: int) -> Asked:
        answered = served.walked.value
        carried = carried_by(sent.request, sent.browser.place, self.generations, self._app)
        born = tuple(
            self.generations.issued(tokens, sent.presented, number) for tokens in served.issued
        )
        for access in served.reminted:
            self.generations.reminted(access)
        error = None if answered.failure is None else answered.failure.error
        self._note_use(sent, error, number)
        self._handles.extend(tokens.session.handle for tokens in served.issued)
        before, action = sent.browser.state, self._react(sent, served)
        response = answered.response
        return Asked(
            who=sent.browser.name,
            request=sent.request,
            carried=carried,
            walked=served.walked,
            why_not=why_not(served.walked),
            calls=served.calls,
            handler_calls=served.handler_calls,
            marks=read_marks(() if response is None else response.headers),
            born=born,
            reuse=served.reuse,
            state_before=before if sent.browser.has_frontend_sdk else None,
            next_action=action,
        )

    def _note_use(self, sent: _Sent, error: ErrorName | None, number: int) -> None:
        if sent.presented is not None:
            outcome = "OK" if error is None else str(error)
            use = Use(step=number, who=sent.browser.name, outcome=outcome)
            self.generations.used(sent.presented, use)

    def _react(self, sent: _Sent, served: Served) -> NextAction | None:
        """Let the browser take the answer in, as the frontend SDK does."""
        browser, response = sent.browser, served.walked.value.response
        seen = Seen(
            purpose=self._purpose(sent),
            before=browser.state,
            front_token_before=browser.front_token,
            response=response,
        )
        action = next_action(seen, FrontendConfig())
        if response is not None:
            browser.take(response, self._clock.now_ms())
        browser.state = action.local_session_after
        told = action if browser.has_frontend_sdk else None
        self._last_actions[browser.name] = told
        return told

    def _purpose(self, sent: _Sent) -> Purpose:
        if sent.request.path != self._app.refresh_path:
            return "call"
        last = self._last_actions.get(sent.browser.name)
        asked_for = last is not None and last.action is Action.CALL_REFRESH
        return "refresh" if asked_for else "explicit_refresh"
