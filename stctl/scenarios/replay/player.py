"""Plays recorded requests, one after the other, on one core under one set of rules."""

from typing import Final

from stctl.clock import FrozenClock
from stctl.recipe.failures import ErrorName
from stctl.recipe.reading import SessionToken
from stctl.scenarios.core_link import Core
from stctl.scenarios.replay.app import ReplayedApp
from stctl.scenarios.replay.counterparts import Counterparts
from stctl.scenarios.replay.outcome import Outcome
from stctl.scenarios.replay.recorded import Recorded
from stctl.scenarios.served import Served
from stctl.sessions.answers import NewTokens
from stctl.tokens.hashes import hash1
from stctl.traces.explain.core_calls import CallKind, read_call
from stctl.traces.link import LoneCall

_SOMEBODY: Final = "user-of-the-trace"


class Player:
    """One core, and the sessions on it that stand for the recorded ones.

    A session from before the recording is made anew when one of its tokens is first seen.
    """

    def __init__(self, core: Core, clock: FrozenClock) -> None:
        self._core = core
        self._clock = clock
        self._known = Counterparts()
        self._app: ReplayedApp | None = None

    def play(self, recorded: Recorded, at_ms: int) -> Outcome:
        """Play a request at a moment, in milliseconds since the epoch."""
        self._clock.set_ms(at_ms)
        app = self._app_for(recorded)
        self._introduce(recorded, at_ms)
        missing = self._known.missing_since(recorded.decisive_token)
        if missing is not None:
            self._note_missing(recorded, missing)
            return Outcome(error=None, missing_since=missing)
        request = self._known.exchanged(recorded.request, recorded.profile)
        served = app.serve_again(recorded, request)
        self._note(recorded, served)
        answered = served.walked.value
        return Outcome(
            error=answered.failure.error if answered.failure else None,
            handler=answered.firing.handler,
            reuse=served.reuse,
        )

    def play_lone(self, call: LoneCall, at_ms: int) -> None:
        """Do again what a call of the core did that belongs to no request: end sessions."""
        read = read_call(call.entry)
        if self._app is not None and read.kind is CallKind.REMOVE:
            self._clock.set_ms(at_ms)
            self._app.remove_outside(read)

    def play_ended(self, recorded: Recorded, at_ms: int) -> Outcome:
        """Play a request once more, with its session ended before."""
        hashes = [token.refresh_token_hash1 for token in recorded.presented_access]
        if recorded.presented_refresh is not None:
            hashes.insert(0, hash1(recorded.presented_refresh))
        handles = [handle for handle in map(self._known.session_of, hashes) if handle is not None]
        self._core.rightful_client.revoke_handles(handles)
        return self.play(recorded, at_ms)

    def _app_for(self, recorded: Recorded) -> ReplayedApp:
        if self._app is None:
            app = recorded.told.app
            self._app = ReplayedApp(app, self._core, self._clock, self._known.handles)
            self._app.warm_up()
        return self._app

    def _introduce(self, recorded: Recorded, at_ms: int) -> None:
        """Make the sessions whose tokens come from before the recording."""
        for token in recorded.presented_access:
            if self._known.of(token.text) is None and _was_genuine(recorded, token, at_ms):
                self._introduce_access(token)
        refresh = recorded.presented_refresh
        if refresh is not None and self._known.of(refresh) is None and not recorded.is_refused:
            self._introduce_refresh(recorded, refresh, at_ms)
        self._clock.set_ms(at_ms)

    def _introduce_access(self, token: SessionToken) -> None:
        twin = self._known.of_generation(token.refresh_token_hash1)
        if twin is not None:
            self._known.put_access(token, twin)
            return
        if token.session_handle in self._known.handles:
            return  # a generation of which the recording does not show where it comes from
        self._clock.set_ms(token.created_at_ms)
        made = self._create(token)
        parent = token.parent_refresh_token_hash1
        if parent is not None:
            self._put_refresh(parent, made)
            child = self._core.client.refresh_session(
                made.refresh_token.token,
                anti_csrf_token=made.anti_csrf_token,
                enable_anti_csrf=made.anti_csrf_token is not None,
            )
            made = child if isinstance(child, NewTokens) else made
        self._put_refresh(token.refresh_token_hash1, made)
        self._known.put_access(token, made.access_token.token)
        if token.anti_csrf_token is not None and made.anti_csrf_token is not None:
            self._known.put_text(token.anti_csrf_token, made.anti_csrf_token)

    def _create(self, token: SessionToken) -> NewTokens:
        made = self._core.client.create_session(
            token.user_id, enable_anti_csrf=token.anti_csrf_token is not None
        )
        self._known.handles[token.session_handle] = made.session.handle
        return made

    def _introduce_refresh(self, recorded: Recorded, refresh: str, at_ms: int) -> None:
        issued = recorded.issued_access
        self._clock.set_ms(at_ms - 1)
        if issued and issued[0].session_handle in self._known.handles:
            return
        client = self._core.client
        made = self._create(issued[0]) if issued else client.create_session(_SOMEBODY)
        self._put_refresh(hash1(refresh), made)

    def _put_refresh(self, recorded_hash: str, made: NewTokens) -> None:
        self._known.put_refresh(recorded_hash, made.refresh_token.token, made.session.handle)

    def _note(self, recorded: Recorded, served: Served) -> None:
        """Pair what was issued with what the recording shows to have been issued."""
        if served.issued:
            self._note_session(recorded, served.issued[-1])
        elif served.reminted:
            for token in recorded.issued_access:
                self._known.put_access(token, served.reminted[-1].token)
        elif served.walked.value.failure is not None and not recorded.is_refused:
            self._note_missing(recorded, recorded.told.index)
        else:
            self._note_unchanged(recorded)

    def _note_session(self, recorded: Recorded, made: NewTokens) -> None:
        issued = recorded.issued
        for text in issued.refresh:
            self._put_refresh(hash1(text), made)
        for token in recorded.issued_access:
            self._known.put_access(token, made.access_token.token)
            self._put_refresh(token.refresh_token_hash1, made)
            self._known.handles[token.session_handle] = made.session.handle
        if issued.anti_csrf is not None and made.anti_csrf_token is not None:
            self._known.put_text(issued.anti_csrf, made.anti_csrf_token)

    def _note_unchanged(self, recorded: Recorded) -> None:
        """Under other rules a core may have no reason to put another access token in place."""
        presented = recorded.presented_access
        own = self._known.of(presented[0].text) if presented else None
        if own is not None:
            for token in recorded.issued_access:
                self._known.put_access(token, own)

    def _note_missing(self, recorded: Recorded, place: int) -> None:
        issued = recorded.issued
        for text in (*issued.access, *issued.refresh):
            if self._known.of(text) is None:
                self._known.put_missing(text, place)


def _was_genuine(recorded: Recorded, token: SessionToken, at_ms: int) -> bool:
    """Whether the backend found nothing wrong with an access token but its age."""
    if recorded.told.error is not ErrorName.TRY_REFRESH_TOKEN:
        return True
    return token.expires_at_ms <= at_ms
