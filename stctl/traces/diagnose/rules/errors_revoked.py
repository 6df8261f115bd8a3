"""Sessions and users that are gone, and tokens that do not know it."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final, NamedTuple

from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.tokens.access import AccessToken
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import call_proof
from stctl.traces.diagnose.rules.sequences_tokens import (
    FIRST_ERROR,
    is_unexpired,
    seconds,
    sent_access,
)
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.book import Recent
from stctl.traces.explain.core_calls import CallKind, CoreCall, read_call
from stctl.traces.explain.explanation import Explanation
from stctl.traces.link import LoneCall

_MOST_SESSIONS: Final = 1000
_USER_REMOVAL: Final = "/user/remove"
_AT_ONCE_MS: Final = 5_000
"""Accepted and found to be gone within this time: it was gone already when it was accepted."""


class _Accepted(NamedTuple):
    at_ms: int
    path: str
    proof: Proof


class RevokedButAccepted(Rule):
    """A token that outlives its session."""

    info: ClassVar = RuleInfo(
        id="ST-015",
        name="revoked-but-accepted",
        severity=Severity.INFO,
        title="the session is gone from the core, and a route still accepts its access token",
        cause="Verifying looks at the signature and the times of the access token; the core is not "
        "asked. A revoked session therefore works until its access token expires, on every route "
        "that does not check the database.",
        fix="Use checkDatabase for the routes where it matters, or shorten the validity of access "
        "tokens. `stctl sessions revoke` says until when the issued tokens hold.",
        link=thread("node#400"),
        references=("node#400", "core#532", "core#477", "web-js#114"),
        example="One route accepts a token without asking the core; another asks the core, which "
        "says that the session does not exist. The token has 50 minutes to go.",
    )

    def __init__(self) -> None:
        self._accepted: Recent[str, _Accepted] = Recent(_MOST_SESSIONS)
        self._gone: Recent[str, int] = Recent(_MOST_SESSIONS)
        """When the core was seen to have no such session any more."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires once both are seen of one session."""
        del sight
        token = sent_access(told)
        if token is not None and is_unexpired(token, told):
            if _is_taken_on_trust(told):
                yield from self._accept(told, token)
            elif _is_gone(told):
                yield from self._miss(told, token)
        for call in told.evidence.of_kind(CallKind.REMOVE):
            self._note(call, int(told.evidence.entry.ended_at_ms))

    def of_call(self, call: LoneCall, sight: Sight) -> Iterable[Finding]:
        """Notes what an operator or a job has ended."""
        del sight
        read = read_call(call.entry)
        if read.kind is CallKind.REMOVE:
            self._note(read, int(call.entry.ended_at_ms))
        return ()

    def _note(self, call: CoreCall, ended_ms: int) -> None:
        handles = call.answer.get("sessionHandlesRevoked")
        for handle in handles if isinstance(handles, list) else ():
            if isinstance(handle, str):
                self._gone.put(handle, ended_ms)

    def _accept(self, told: Explanation, token: AccessToken) -> Iterator[Finding]:
        started, path = told.evidence.entry.started_at_ms, told.evidence.request.path
        shown = proof(told, "answer status", f"{told.evidence.status}, the core was not asked")
        self._accepted.put(token.session_handle, _Accepted(started, path, shown))
        gone_ms = self._gone.get(token.session_handle)
        if gone_ms is not None and started >= gone_ms:
            yield self._found(token, path, told, shown)

    def _miss(self, told: Explanation, token: AccessToken) -> Iterator[Finding]:
        handle, entry = token.session_handle, told.evidence.entry
        removed_ms, before = self._gone.get(handle), self._accepted.get(handle)
        if removed_ms is None:
            self._gone.put(handle, int(entry.ended_at_ms))
        if removed_ms is None and before and entry.started_at_ms - before.at_ms <= _AT_ONCE_MS:
            gone = proof(told, "call to the core", "it has no such session")
            yield self._found(token, before.path, told, before.proof, gone)

    def _found(self, token: AccessToken, path: str, told: Explanation, *proofs: Proof) -> Finding:
        left = seconds(token.expires_at_ms - told.evidence.backend_ms[0])
        return self.finding(
            f"{path} accepts a token whose session is gone, and will for {left} more.",
            *proofs,
            subject=path,
        )


def _is_taken_on_trust(told: Explanation) -> bool:
    answered = told.answered
    is_accepted = answered.failure is None and answered.session is not None
    return is_accepted and answered.step is StepName.VERIFY and not told.core_calls


def _is_gone(told: Explanation) -> bool:
    return told.error is ErrorName.UNAUTHORISED and any(
        call.core_status == "UNAUTHORISED"
        for call in told.evidence.of_kind(CallKind.VERIFY, CallKind.SESSION)
    )


class DeletedUser(Rule):
    """A session of a user whom the core does not know any more."""

    info: ClassVar = RuleInfo(
        id="ST-016",
        name="deleted-user",
        severity=Severity.ERROR,
        title="the session is good, and its user is unknown to the core",
        cause="The user was deleted, and the tokens outlive the user: nothing in a session is tied "
        "to the user's row. What then asks for the user (a claim, the app's own code) fails.",
        fix="Revoke the sessions of a user together with the user (`stctl sessions revoke "
        "--user`), and check for a missing user where claims are fetched.",
        link=thread("node#150"),
        references=("node#150", "node#343", "core#509", "auth-react#580", "web-js#114"),
        example="A token verifies, the core answers UNKNOWN_USER_ID_ERROR to the look-up of its "
        "user, and the route answers 500.",
    )

    def __init__(self) -> None:
        self._deleted: Recent[str, int] = Recent(_MOST_SESSIONS)
        """When users were deleted, by id."""

    def of_call(self, call: LoneCall, sight: Sight) -> Iterable[Finding]:
        """Notes which users are deleted."""
        del sight
        self._note(read_call(call.entry))
        return ()

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where a protected request fails in which the core did not know the user.

        Sessions of users that the core never knew are legal; they make no trouble. Of one that was
        seen to be deleted, a token that is accepted is enough.
        """
        del sight
        for call in told.evidence.calls:
            self._note(call)
        token = sent_access(told)
        if token is None or told.answered.step is StepName.CREATE:
            return
        deleted_ms = self._deleted.get(token.user_id)
        is_later = deleted_ms is not None and told.evidence.entry.started_at_ms > deleted_ms
        if is_later and told.error is None and told.answered.session is not None:
            yield self.finding(
                f"{told.evidence.request.path} accepts a token of a user who was deleted before.",
                proof(told, "answer status", f"{told.evidence.status} after the user was deleted"),
                subject=token.user_id,
            )
        yield from self._of_look_up(told, token)

    def _note(self, call: CoreCall) -> None:
        user = call.sent.get("userId")
        is_removal = call.path.endswith(_USER_REMOVAL) and call.core_status == "OK"
        if is_removal and isinstance(user, str):
            self._deleted.put(user, int(call.started_at_ms + (call.took_ms or 0)))

    def _of_look_up(self, told: Explanation, token: AccessToken) -> Iterator[Finding]:
        if told.evidence.status and told.evidence.status < FIRST_ERROR:
            return
        unknown = next((call for call in told.evidence.calls if _asks_in_vain(call, token)), None)
        if unknown is None:
            return
        yield self.finding(
            f"The core does not know the user of a session that {told.evidence.request.path} was "
            f"asked with; the answer is {told.evidence.status or 'none'}.",
            call_proof(unknown, told, f"{unknown.core_status} for the user of the token"),
            subject=token.user_id,
        )


def _asks_in_vain(call: CoreCall, token: AccessToken) -> bool:
    asked = {value for _, value in call.query}
    is_about = bool(asked & {token.user_id, token.recipe_user_id})
    return is_about and call.core_status in {"UNKNOWN_USER_ID_ERROR", "UNKNOWN_USER_ERROR"}


RULES: tuple[type[Rule], ...] = (RevokedButAccepted, DeletedUser)
