"""What a core took for theft, and for whom the evidence speaks."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.recipe.step_end import StepName
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import answer_of, proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import call_proof
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.book import Recent
from stctl.traces.explain.core_calls import CallKind
from stctl.traces.explain.explanation import Explanation
from stctl.traces.lineage import Family, Suspect, Theft

_MOST: Final = 500
_LINK: Final = thread("core#532")
_ROTATED_OUT: Final = ("rotated-out", "rotated out", "access token was replaced")
"""What cores say of it, in lower case."""


class _TheftRule(Rule):
    """A rule for the thefts of some suspects, which only the whole lineage tells apart."""

    suspects: ClassVar[frozenset[Suspect]]

    def __init__(self) -> None:
        self._alarms: Recent[int, Proof] = Recent(_MOST)
        """The refused refreshes, by their place."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Keeps what may later turn out to be the move that raised the alarm."""
        del sight
        yield from ()
        if told.answered.step is StepName.REFRESH and told.error is not None:
            shown = f"{told.error}; {answer_of(told)}"
            self._alarms.put(told.index, proof(told, "refresh", shown))

    def end(self, sight: Sight) -> Iterator[Finding]:
        """The thefts of the suspects of this rule."""
        for family in sight.families():
            theft = family.theft
            if theft is not None and theft.suspect in self.suspects:
                yield self._found(family, theft)

    def _found(self, family: Family, theft: Theft) -> Finding:
        proofs = [self._alarms.get(theft.entry) or _at(theft.entry, "refresh", theft.error)]
        since = theft.stale_since
        if since is not None:
            proofs.insert(0, _at(since.entry, f"token {since.kind}", "it made the other token old"))
        return self.finding(
            f"{theft.error} ({theft.kind}). {' '.join(theft.because)}",
            *proofs,
            subject=family.session_handle or "",
        )


def _at(entry: int, field: str, shows: str) -> Proof:
    return Proof(entry=entry, position=None, request="", field=field, shows=shows)


class FalseAlarm(_TheftRule):
    """Theft without a thief."""

    suspects = frozenset({Suspect.TWO_TABS, Suspect.LOST_REPLY, Suspect.RESTART})
    info: ClassVar = RuleInfo(
        id="ST-002",
        name="false-theft-alarm",
        severity=Severity.ERROR,
        title="the core reports theft, and the evidence speaks for a race or a lost answer",
        cause="One refresh token was refreshed twice by the same client: two tabs at once, an "
        "answer that never arrived (mobile network, a closed tab, server-side rendering), or a "
        "restart from an older state. The branch that was used first wins; the first refresh of "
        "the other one looks like theft, and the user is logged out.",
        fix="Let one client refresh at a time (the SDK's own lock; one owner of the refresh in "
        "server-side rendering), store the new tokens before anything else, and use a core of CDI "
        "5.6, which forgives a repeat for refresh_token_rotation_grace_period. `stctl replay` "
        "shows what that would have changed.",
        link=_LINK,
        references=("core#532", "ios#72", "supabase/auth#466", "directus/directus#22360"),
        example="Two refreshes with one token 1 ms apart give two pairs; a request uses the one, "
        "and the refresh with the other is TOKEN_THEFT_DETECTED.",
    )


class ManualReplay(_TheftRule):
    """A token that somebody sent by hand."""

    suspects = frozenset({Suspect.MANUAL_REPLAY})
    info: ClassVar = RuleInfo(
        id="ST-054",
        name="manual-replay",
        severity=Severity.WARN,
        title="the core reports theft of a refresh token that was sent with a tool by hand",
        cause="A refresh token was copied out of the browser into Postman, curl or a script, and "
        "sent there, while the browser went on with the session.",
        fix="Do not refresh copied tokens: make a session of its own for the tool. If nobody did "
        "this, treat it as theft.",
        link=_LINK,
        references=("core#532",),
        example="The refresh comes from PostmanRuntime; the session was used from Firefox.",
    )


class TheftByAnother(_TheftRule):
    """Theft by somebody else."""

    suspects = frozenset({Suspect.ATTACKER})
    info: ClassVar = RuleInfo(
        id="ST-103",
        name="theft-by-another-client",
        severity=Severity.ERROR,
        title="a refresh token was used by two different clients",
        cause="Another program or another machine presented a refresh token of this session, after "
        "its owner had gone on, or before. This is what theft detection is for.",
        fix="Keep the session revoked, and look for the way the token got out: logs, proxies, "
        "cross-site scripting where tokens are kept in script storage. `stctl lineage` shows which "
        "client used which token.",
        link=_LINK,
        references=("core#532",),
        example="The session was used from Firefox on one address; the old refresh token comes "
        "from another address and browser.",
    )


class TheftUnexplained(_TheftRule):
    """Theft, and the evidence leaves open by whom."""

    suspects = frozenset({Suspect.UNKNOWN})
    info: ClassVar = RuleInfo(
        id="ST-104",
        name="theft-unexplained",
        severity=Severity.ERROR,
        title="the core reports theft, and the trace does not show who is behind it",
        cause="A refresh token came that had been replaced before. The trace tells no difference "
        "between who presented it and who held it before, and shows neither a race nor a lost "
        "answer.",
        fix="Look at `stctl lineage` of the trace, and record more of it: both sides, from the "
        "login on. Until then treat it as theft.",
        link=_LINK,
        references=("core#532",),
        example="A token is refreshed, its child is used, and the token is refreshed once more.",
    )


class BranchRotatedOut(Rule):
    """An access token of a branch that the core has given up."""

    info: ClassVar = RuleInfo(
        id="ST-055",
        name="branch-rotated-out",
        severity=Severity.WARN,
        title="a check of the database refuses an access token of a branch that was rotated out",
        cause="From CDI 5.6 on a check of the database also looks at the lineage: an access token "
        "whose refresh token is neither the current nor the previous one is UNAUTHORISED, although "
        "the session lives. It is a token of a refresh that another refresh overtook, or one that "
        "is two refreshes old.",
        fix="Refresh once more with the newest refresh token. Keep one refresh at a time, and do "
        "not go on with access tokens of before a refresh on routes with checkDatabase.",
        link=_LINK,
        references=("core#532",),
        example="`/recipe/session/verify` with checkDatabase is answered UNAUTHORISED, "
        "`rotated-out token branch`, and another token of the session passes.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on the core's words."""
        del sight
        for call in told.evidence.of_kind(CallKind.VERIFY):
            message = call.answer.get("message")
            text = message.lower() if isinstance(message, str) else ""
            if call.core_status == "UNAUTHORISED" and any(sign in text for sign in _ROTATED_OUT):
                yield self.finding(
                    f"{told.evidence.request.path} refuses a token of a branch that another "
                    "refresh has overtaken.",
                    call_proof(call, told, f"UNAUTHORISED, {message}"),
                )


RULES: tuple[type[Rule], ...] = (
    FalseAlarm,
    ManualReplay,
    TheftByAnother,
    TheftUnexplained,
    BranchRotatedOut,
)
