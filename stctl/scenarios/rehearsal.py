"""Plays one case: puts the actors on the stage and lets each step happen."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from stctl.recipe.config import AppConfig
from stctl.recipe.failures import ErrorName
from stctl.recipe.frontend import Action, FrontendConfig, NextAction, Purpose, Seen, next_action
from stctl.recipe.marks import read_marks
from stctl.recipe.reading import read_session_token
from stctl.recipe.why_not import why_not
from stctl.scenarios.backend import Backend
from stctl.scenarios.belongings import change
from stctl.scenarios.browser import Browser
from stctl.scenarios.carried import carried_by
from stctl.scenarios.durations import show_duration
from stctl.scenarios.expecting import deviations, unfulfilled
from stctl.scenarios.generations import Generations, Use
from stctl.scenarios.model import (
    AppIs,
    AtTheCore,
    Call,
    Case,
    Change,
    CoreIs,
    CoreState,
    DeleteUser,
    LogIn,
    Receive,
    Refresh,
    Revoke,
    Sending,
    SetPayload,
    SignOut,
    SignUp,
    Steal,
    Step,
    Wait,
)
from stctl.scenarios.operator import Users, operate
from stctl.scenarios.results import Asked, StepResult
from stctl.scenarios.sending import Sender, Sent
from stctl.scenarios.served import Counterpart, Served
from stctl.scenarios.stage import LONGEST_WAIT_MS, REPLACED, Target, Wishes, open_core

_CORE_STATES: Final[Mapping[str, str]] = {
    "up": "the core can be reached",
    "down": "every connection to the core is refused (played by stctl)",
    "hanging": "the core accepts connections and never answers (played by stctl)",
    "wrong-key": "the backend has an API key that the core does not know",
    "500": "stctl answers in the core's place: HTTP 500",
    "html": "stctl answers in the core's place: HTTP 200 and a web page",
    "too-old": "stctl answers in the core's place: it speaks CDI 2.0 and 2.1 only",
    "restarted": "the core, which kept everything in memory, begins anew",
    "other-app": "the backend is led to another app, which has keys and sessions of its own",
}


class CannotPlay(Exception):  # noqa: N818 - it ends a case early and is no fault
    """A case cannot be played on, for a reason that people should be told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Rehearsal:
    """The stage of one case: who holds what, which tokens there are, what has happened."""

    def __init__(self, case: Case, target: Target, wishes: Wishes) -> None:
        self._case = case
        self._target = target
        self._wishes = wishes
        self._clock = target.clock
        self._settings = wishes.settings_for(case.needs)
        self._place = wishes.place_for(case.needs)
        self._core = open_core(target, self._settings, wishes.cdi)
        self._users = self._people()
        self._frontend = FrontendConfig()
        self._start_app(wishes.app_for(case.needs))
        self._browsers: dict[str, Browser] = {}
        self._last_actions: dict[str, NextAction | None] = {}
        self._waiting: dict[str, tuple[Sent, Served]] = {}
        self._fields: dict[str, Mapping[str, str | None]] = {}
        self._handles: list[str] = []
        self._custom_has_fired = False
        self.generations = Generations()

    def _people(self) -> Users:
        """The users of the case, with the ids that they get here."""
        return Users(self._target.name_user)

    def _start_app(self, app: AppConfig) -> None:
        """Put the backend on the stage, and whoever makes requests to it."""
        self._app = app
        self._backend: Counterpart = Backend(app, self._core, self._clock, self._wishes.overrides)
        self._sender = Sender(
            app=app, user_id=self._users.id_of, is_rehearsal=self._target.is_rehearsal
        )

    def play(self) -> Iterator[StepResult]:
        """Let each step happen; raises CannotPlay where the next one cannot."""
        self._backend.warm_up()
        for number, step in enumerate(self._case.steps, start=1):
            yield self._play(step, number)

    def remove_sessions(self) -> int:
        """Remove the sessions that were made; how many of them were still there."""
        self._core.link.state = "up"
        return len(self._core.rightful_client.revoke_handles([*dict.fromkeys(self._handles)]))

    def _play(self, step: Step, number: int) -> StepResult:
        match step.deed:
            case LogIn() | Call() | Refresh() | SignOut():
                return self._ask(step, step.deed, number)
            case Wait():
                return StepResult(number=number, step=step, waited_ms=self._wait(step.deed))
            case Revoke() | SetPayload() | SignUp() | DeleteUser():
                return self._operate(step, step.deed, number)
            case _:
                return StepResult(number=number, step=step, told=self._happen(step))

    def _happen(self, step: Step) -> str:
        """Let something happen that sends nothing; what it was, in words."""
        match step.deed:
            case Steal(who=who, victim=victim):
                return self._steal(who, self._browser(victim))
            case Change() as deed:
                return change(self._browser(deed.who), deed, self._app)
            case Receive() as deed:
                return self._receive_late(deed)
            case CoreIs(state=state):
                return self._change_core(state)
            case AppIs(dynamic_signing_key=dynamic):
                return self._restart_app(dynamic_signing_key=dynamic)
            case _:
                raise AssertionError(step.deed)

    def _browser(self, name: str) -> Browser:
        return self._browsers.setdefault(name, Browser(name=name, place=self._place))

    def _steal(self, thief: str, victim: Browser) -> str:
        copy = victim.copy_for(thief)
        self._browsers[thief] = copy
        return f"{thief} holds {self._held(copy)} as well"

    def _held(self, browser: Browser) -> str:
        tokens = (browser.access_token, browser.refresh_token)
        names = [self.generations.name_of(token) or "a token" for token in tokens if token]
        return " and ".join(names) or "nothing"

    def _change_core(self, state: CoreState) -> str:
        link = self._core.link
        if state in REPLACED:
            if self._target.fresh_transport_for is None:
                raise CannotPlay("it needs a core that can be replaced")
            link.lead_to(self._target.fresh_transport_for(self._settings))
        else:
            link.state = state
        return _CORE_STATES[state]

    def _restart_app(self, *, dynamic_signing_key: bool | None) -> str:
        app = self._app
        if dynamic_signing_key is not None:
            app = replace(app, dynamic_signing_key=dynamic_signing_key)
        self._start_app(app)
        kind = "dynamic" if app.dynamic_signing_key else "static"
        return (
            f"the backend is started again, has forgotten the core's keys, and asks for {kind} ones"
        )

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
        token = read_session_token(browser.access_token or "", self._app.profile)
        if token is None:
            raise CannotPlay(f"{browser.name} holds no access token that could expire")
        left_ms = max(token.expires_at_ms - self._clock.now_ms(), 0)
        # Whole seconds, and at least a little longer than needed.
        return (left_ms // 1000 + 1) * 1000

    def _operate(self, step: Step, deed: AtTheCore, number: int) -> StepResult:
        calls = self._core.link.calls
        first = len(calls)
        told = operate(deed, self._core, self._fields, self._users)
        return StepResult(number=number, step=step, calls=tuple(calls[first:]), told=told)

    def _ask(self, step: Step, deed: Sending, number: int) -> StepResult:
        started_at_ms = self._clock.now_ms()
        browser = self._browser(deed.who)
        sent = self._sender.send(deed, browser, self._fields, started_at_ms)
        served = self._backend.serve(sent.request, short_lived=sent.short_lived)
        asked = self._look_at(sent, served, number, started_at_ms)
        if sent.reply == "waits":
            self._waiting[step.name] = (sent, served)
        self._fields[step.name] = self._fields_of(browser, served)
        found, counts = self._judge(step, asked)
        return StepResult(number=number, step=step, asked=asked, deviations=found, counts=counts)

    def _judge(self, step: Step, asked: Asked) -> tuple[tuple[str, ...], bool]:
        """What is otherwise than promised, and than wished; whether it breaks the promise."""
        counts = not self._custom_has_fired
        self._custom_has_fired |= asked.answered.firing.kind == "custom"
        found = () if step.expect is None else deviations(step.expect, asked, self._wishes)
        missed = unfulfilled(self._wishes, asked) if step is self._case.promise else ()
        if missed:
            return (*(found if counts else ()), *missed), True
        return found, counts

    def _fields_of(self, browser: Browser, served: Served) -> Mapping[str, str | None]:
        session = served.walked.value.session
        made = served.issued[-1] if served.issued else None
        return {
            "access_token": made.access_token.token if made else browser.access_token,
            "refresh_token": made.refresh_token.token if made else browser.refresh_token,
            "handle": made.session.handle if made else session.handle if session else None,
        }

    def _look_at(self, sent: Sent, served: Served, number: int, started_at_ms: int) -> Asked:
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
        before = sent.browser.state
        action = None if sent.reply == "waits" else self._react(sent, served)
        response = answered.response
        return Asked(
            who=sent.browser.name,
            request=sent.request,
            started_at_ms=started_at_ms,
            reply=sent.reply,
            carried=carried,
            walked=served.walked,
            why_not=why_not(served.walked) if served.why_not is None else dict(served.why_not),
            calls=served.calls,
            handler_calls=served.handler_calls,
            marks=read_marks(() if response is None else response.headers),
            born=born,
            reuse=served.reuse,
            state_before=before if sent.browser.has_frontend_sdk else None,
            next_action=action,
            concluded=served.reasons,
            alternatives=served.alternatives,
            unreached=served.unreached,
        )

    def _note_use(self, sent: Sent, error: ErrorName | None, number: int) -> None:
        if sent.presented is not None:
            outcome = "OK" if error is None else str(error)
            use = Use(step=number, who=sent.browser.name, outcome=outcome)
            self.generations.used(sent.presented, use)

    def _receive_late(self, deed: Receive) -> str:
        sent, served = self._waiting.pop(deed.reply_of)
        self._react(sent, served)
        return f"{sent.browser.name} now holds {self._held(sent.browser)}"

    def _react(self, sent: Sent, served: Served) -> NextAction | None:
        """Let the browser take the answer in, as the frontend SDK does; a lost one never comes."""
        browser = sent.browser
        response = None if sent.reply == "lost" else served.walked.value.response
        seen = Seen(
            purpose=self._purpose(sent),
            before=browser.state,
            front_token_before=browser.front_token,
            response=response,
        )
        action = next_action(seen, self._frontend)
        if response is not None:
            browser.take(response, self._clock.now_ms())
        browser.state = action.local_session_after
        told = action if browser.has_frontend_sdk else None
        self._last_actions[browser.name] = told
        return told

    def _purpose(self, sent: Sent) -> Purpose:
        if sent.request.path != self._app.refresh_path:
            return "call"
        last = self._last_actions.get(sent.browser.name)
        asked_for = last is not None and last.action is Action.CALL_REFRESH
        return "refresh" if asked_for else "explicit_refresh"
