"""One case against a real app: stctl is the browser, and the operator at the app's core."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from stctl.recipe.config import AntiCsrf, AppConfig
from stctl.recipe.failures import ErrorName
from stctl.recipe.front_token import encode_front_token
from stctl.recipe.frontend import FrontendConfig, LocalState
from stctl.recipe.reading import read_session_token
from stctl.scenarios.app.backend import AppBackend
from stctl.scenarios.app.expecting import STILL_ALIVE, app_deviations
from stctl.scenarios.app.line import AppLine
from stctl.scenarios.app.probe import login_problem, try_session
from stctl.scenarios.app.sender import AppSender
from stctl.scenarios.browser import Browser
from stctl.scenarios.durations import show_duration
from stctl.scenarios.expecting import unfulfilled
from stctl.scenarios.model import AtTheCore, Case, LogIn, Revoke, Sending, Step, Wait
from stctl.scenarios.operator import Users, json_object
from stctl.scenarios.rehearsal import CannotPlay, Rehearsal
from stctl.scenarios.results import Asked, Standing, StepResult, must_be_gone
from stctl.scenarios.sending import Sent
from stctl.scenarios.served import Served
from stctl.scenarios.stage import LONGEST_WAIT_MS, SHORT_LIVED_SINCE, Target, Wishes
from stctl.sessions.answers import NewTokens, Unauthorised

_SHORT_VALIDITY_MS: Final = 1000
_LATE_MS: Final = 300
_LOOKS: Final = 4
"""How often the core is asked for a session that has to be gone: a handler may end it late."""
_EXPIRED: Final = 401


class AppRehearsal(Rehearsal):
    """The stage of one case whose backend is a real app."""

    def __init__(self, case: Case, target: Target, wishes: Wishes, line: AppLine) -> None:
        self._line = line
        self._made_for: dict[str, list[str]] = {}
        self._stolen: set[str] = set()
        """Handles of sessions of which a theft was detected."""
        super().__init__(case, target, wishes)
        self._frontend = _frontend_of(line)

    def _people(self) -> Users:
        given: Iterator[str] = iter(self._line.set_up.users)
        return Users(lambda name: next(given, f"stctl-{name}"))

    def _start_app(self, app: AppConfig) -> None:
        self._app = app
        self._backend = AppBackend(self._line, app)
        self._sender = AppSender(
            app=app, user_id=self._users.id_of, is_rehearsal=False, set_up=self._line.set_up
        )

    def play(self) -> Iterator[StepResult]:
        """Let each step happen, once it is known that the app takes a session.

        Raises APP_UNFIT when it does not, CannotPlay where the next step cannot be played.
        """
        if not self._line.is_tried:
            self._line.is_tried = True
            self._try()
        yield from super().play()

    def remove_sessions(self) -> int:
        """Remove the sessions that were made, where there is a core to ask for that."""
        return super().remove_sessions() if self._line.has_core else 0

    def _try(self) -> None:
        """Sign in, call the protected route and refresh, as a browser would."""
        browser = Browser(name="browser", place=self._place)
        deed = LogIn()
        if self._line.set_up.login is None:
            self._hand_over(self._make_session(deed), browser)
        else:
            self._sign_in(deed, browser)
        try_session(browser, self._line, self._app, self._clock, self._core_knows(browser))
        token = read_session_token(browser.access_token or "", self._app.profile)
        if token is not None:
            self._handles.append(token.session_handle)

    def _sign_in(self, deed: LogIn, browser: Browser) -> None:
        now_ms = self._clock.now_ms()
        sent = self._sender.send(deed, browser, {}, now_ms)
        served = self._backend.serve(sent.request)
        if not served.issued:
            raise login_problem(sent.request, served.walked.value.response, self._line.shown)
        response = served.walked.value.response
        if response is not None:
            browser.take(response, now_ms)

    def _core_knows(self, browser: Browser) -> bool | None:
        token = read_session_token(browser.access_token or "", self._app.profile)
        if token is None or not self._line.has_core:
            return None
        return self._standing(token.session_handle) == "alive"

    def _play(self, step: Step, number: int) -> StepResult:
        deed = step.deed
        if isinstance(deed, LogIn) and (self._line.set_up.login is None or self._is_short(deed)):
            return self._log_in_through_core(step, deed, number)
        return super()._play(step, number)

    def _is_short(self, deed: LogIn) -> bool:
        """Whether a session is asked for that only the core can make."""
        return deed.short_lived and self._line.has_core and self._offers_short()

    def _offers_short(self) -> bool:
        return SHORT_LIVED_SINCE in self._core.client.api_versions()

    def _log_in_through_core(self, step: Step, deed: LogIn, number: int) -> StepResult:
        calls = self._core.link.calls
        first = len(calls)
        made = self._make_session(deed)
        browser = self._browser(deed.who)
        self._hand_over(made, browser)
        self.generations.issued(made, None, number)
        self._note_made(deed.user, made.session.handle)
        self._fields[step.name] = {
            "access_token": made.access_token.token,
            "refresh_token": made.refresh_token.token,
            "handle": made.session.handle,
        }
        told = (
            f"the core makes a session of {made.session.user_id}; {browser.name} holds its tokens"
        )
        return StepResult(number=number, step=step, calls=tuple(calls[first:]), told=told)

    def _make_session(self, deed: LogIn) -> NewTokens:
        is_short = self._is_short(deed)
        client = self._core.client_speaking(SHORT_LIVED_SINCE) if is_short else self._core.client
        in_cookies = self._place == "cookie"
        made = client.create_session(
            self._users.id_of(deed.user),
            user_data_in_jwt={**json_object(deed.payload), "iss": _issuer(self._app)},
            enable_anti_csrf=in_cookies and self._app.anti_csrf_mode is AntiCsrf.VIA_TOKEN,
            use_dynamic_signing_key=None if self._app.dynamic_signing_key else False,
            access_token_validity_ms=_SHORT_VALIDITY_MS if is_short else None,
        )
        self._handles.append(made.session.handle)
        return made

    def _hand_over(self, made: NewTokens, browser: Browser) -> None:
        """Let a browser hold what the app's login would have given it."""
        domain = (self._app.cookie_domain or "").removeprefix(".")
        browser.hold_access_token(made.access_token.token, domain)
        browser.hold_refresh_token(made.refresh_token.token, self._app.refresh_path, domain)
        order = self._app.profile.front_token_order
        browser.front_token = encode_front_token(made.access_token, made.session.user_id, order)
        browser.anti_csrf = made.anti_csrf_token
        browser.state = LocalState.EXISTS

    def _note_made(self, user: str, handle: str) -> None:
        self._made_for.setdefault(user, []).append(handle)

    def _operate(self, step: Step, deed: AtTheCore, number: int) -> StepResult:
        """Act at the core; of a user only the sessions of this case are ended."""
        if not isinstance(deed, Revoke) or deed.user is None:
            return super()._operate(step, deed, number)
        calls = self._core.link.calls
        first = len(calls)
        ended = self._core.client.revoke_handles(self._made_for.get(deed.user, []))
        told = f"{len(ended)} session{'' if len(ended) == 1 else 's'} ended"
        return StepResult(number=number, step=step, calls=tuple(calls[first:]), told=told)

    def _ask(self, step: Step, deed: Sending, number: int) -> StepResult:
        result = super()._ask(step, deed, number)
        asked = result.asked
        if isinstance(deed, LogIn) and asked is not None:
            handle = self._fields[step.name]["handle"]
            if not asked.born or handle is None:
                raise login_problem(asked.request, asked.response, self._line.shown)
            self._note_made(deed.user, handle)
        return result

    def _look_at(self, sent: Sent, served: Served, number: int, started_at_ms: int) -> Asked:
        handle = self._handle_of(sent)
        asked = super()._look_at(sent, served, number, started_at_ms)
        if handle is None or not (must_be_gone(asked) or asked.marks.clears_session):
            return asked
        if asked.error is ErrorName.TOKEN_THEFT_DETECTED:
            self._stolen.add(handle)
        if not self._line.has_core:
            return asked
        return replace(asked, in_core=self._settled(handle, is_over=must_be_gone(asked)))

    def _handle_of(self, sent: Sent) -> str | None:
        """The session that a request is about."""
        if sent.presented is not None:
            known = self.generations.session_of(sent.presented)
            if known is not None:
                return known
        token = read_session_token(sent.browser.access_token or "", self._app.profile)
        return None if token is None else token.session_handle

    def _settled(self, handle: str, *, is_over: bool) -> Standing:
        """Whether the core has a session, asked again where it has to be gone and is not yet."""
        for _ in range(_LOOKS if is_over else 0):
            if self._standing(handle) == "gone":
                return "gone"
            self._clock.wait_ms(_LATE_MS)
        return self._standing(handle)

    def _standing(self, handle: str) -> Standing:
        answer = self._core.rightful_client.get_session(handle)
        return "gone" if isinstance(answer, Unauthorised) else "alive"

    def _judge(self, step: Step, asked: Asked) -> tuple[tuple[str, ...], bool]:
        known = self._line.set_up.known
        found = app_deviations(step, asked, self._wishes, known.session_expired_status_code)
        if found and any(one.session_handle in self._stolen for one in asked.born):
            found = (f"{STILL_ALIVE}: it was refreshed after its theft had been detected",)
        missed = unfulfilled(self._wishes, asked) if step is self._case.promise else ()
        return (*found, *missed), True

    def _wait(self, deed: Wait) -> int:
        if deed.until is not None:
            left_ms = self._until_expiry_ms(self._browser(deed.who))
            if left_ms > LONGEST_WAIT_MS:
                raise CannotPlay(
                    f"its access token lives for another {show_duration(left_ms)}: give --core "
                    f"with CDI {SHORT_LIVED_SINCE}, or a core with a short access_token_validity"
                )
        return super()._wait(deed)


def _frontend_of(line: AppLine) -> FrontendConfig:
    known, usual = line.set_up.known, FrontendConfig()
    status = known.frontend_session_expired_status_code or known.session_expired_status_code
    return FrontendConfig(
        session_expired_status=status or _EXPIRED,
        invalid_claim_status=known.invalid_claim_status_code or usual.invalid_claim_status,
    )


def _issuer(app: AppConfig) -> str:
    """What SDKs write into their tokens. Source: SDKs, behaviour notes 7."""
    return app.api_domain + app.api_base_path
