"""Rules for the keys that sign access tokens."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from stctl.recipe.failures import ErrorName
from stctl.tokens.keys import KeyKind, kind_of_key
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.reasons import says
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.tokens import Placed, access_tokens_of, tokens_given
from stctl.traces.explain.core_calls import CallKind, CoreCall
from stctl.traces.explain.explanation import Explanation

_OTHER: Final[Mapping[KeyKind, KeyKind]] = {
    "dynamic": "static",
    "static": "dynamic",
    "other": "other",
}


class UnknownKey(Rule):
    """A token signed by a key that the core does not have."""

    info: ClassVar = RuleInfo(
        id="ST-022",
        name="unknown-signing-key",
        severity=Severity.WARN,
        title="access tokens are signed with a key that the core's key set does not hold",
        cause="The token comes from another core, another app of the core, or from before its "
        "database was replaced; or whoever checks it keeps an old copy of the key set. Backend "
        "SDKs answer TRY_REFRESH_TOKEN; outside verifiers speak of a wrong signature.",
        fix="Let every backend and verifier ask the same core, and fetch the key set again when a "
        "key is not in it. After a change of cores every user signs in once more.",
        link=thread("node#601"),
        references=("node#601", "node#617", "core#482"),
        example="The token names the key `d-1795536532187`; the key set that the backend fetched "
        "for this very request holds two others.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Compares the key's id with the key set that the backend fetched on the way."""
        del sight
        if told.error is not ErrorName.TRY_REFRESH_TOKEN:
            return
        for placed in access_tokens_of(told):
            kid = _key_of_a_core(placed)
            if kid is not None:
                yield from self._of_key(told, placed, kid)

    def _of_key(self, told: Explanation, placed: Placed, kid: str) -> Iterator[Finding]:
        fetched = [call for call in told.core_calls if call.kind is CallKind.KEYS]
        known = [kids for kids in map(_kids, fetched) if kids]
        by_keys = known and kid not in known[-1]
        if by_keys or says(told, "signature", "the core has no key"):
            shows = f"kid {kid}" + (f"; the key set has {', '.join(known[-1])}" if by_keys else "")
            yield self.finding(
                f"A token is signed with {kid}, which the core does not know.",
                proof(told, placed.field, shows),
            )


def _key_of_a_core(placed: Placed) -> str | None:
    kid = placed.access.kid if placed.access else None
    return kid if kid is not None and kind_of_key(kid) != "other" else None


def _kids(call: CoreCall) -> list[str]:
    keys = call.answer.get("keys")
    named = (
        [key.get("kid") for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
    )
    return [kid for kid in named if isinstance(kid, str)]


class KeyAgainstSetting(Rule):
    """A static key where a dynamic one is wanted, or the other way round."""

    info: ClassVar = RuleInfo(
        id="ST-023",
        name="key-against-setting",
        severity=Severity.WARN,
        title="the kind of signing key is not the one that the backend is set to",
        cause="useDynamicAccessTokenSigningKey was changed, or differs between backends of one "
        "app. The backend refuses tokens signed with the other kind of key although their "
        "signature holds: TRY_REFRESH_TOKEN. A refresh gives a token of the right kind.",
        fix="After a change of the setting nothing: each client refreshes once. Where it goes on, "
        "give useDynamicAccessTokenSigningKey the same value in every backend, and in whatever "
        "creates sessions.",
        link=thread("core#909"),
        references=("core#909",),
        example="The token's `kid` begins with `s-`, the app uses dynamic keys: 401 `try refresh "
        "token` although the token is valid.",
    )

    def __init__(self) -> None:
        self._refused: dict[KeyKind, Finding] = {}
        self._given: set[KeyKind] = set()

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Takes the setting where it is known, else waits for a token of the other kind.

        From a refusal alone a wrong signature looks the same.
        """
        response = told.evidence.response
        for placed in tokens_given(response) if response else ():
            kid = _key_of_a_core(placed)
            self._given |= {kind_of_key(kid)} if kid else set()
        if told.error is not ErrorName.TRY_REFRESH_TOKEN or not says(told, "key_kind", "no"):
            return
        for placed in access_tokens_of(told):
            kid = _key_of_a_core(placed)
            if kid is None:
                continue
            finding = self._finding(told, placed, kid)
            if sight.known.use_dynamic_access_token_signing_key is not None:
                yield finding
            else:
                known = self._refused.get(kind_of_key(kid))
                self._refused[kind_of_key(kid)] = known.also(finding) if known else finding

    def _finding(self, told: Explanation, placed: Placed, kid: str) -> Finding:
        kind = kind_of_key(kid)
        return self.finding(
            f"A token signed with a {kind} key meets a backend that takes {_OTHER[kind]} ones.",
            proof(told, placed.field, f"kid {kid}; the answer asks for a refresh"),
        )

    def end(self, sight: Sight) -> Iterator[Finding]:
        """Refusals of one kind of key where tokens of the other are handed out."""
        del sight
        for kind, finding in self._refused.items():
            if _OTHER[kind] in self._given:
                yield finding


RULES: tuple[type[Rule], ...] = (UnknownKey, KeyAgainstSetting)
