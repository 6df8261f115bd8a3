"""The calls to the core of one request that a walk has not accounted for yet."""

from stctl.recipe.core_replies import CoreTrouble, describe_trouble
from stctl.recipe.walk import Source
from stctl.traces.explain.core_calls import PLUMBING, CallKind, CoreCall, is_busy
from stctl.traces.explain.evidence import Evidence


class PendingCalls:
    """Hands recorded calls out one after the other."""

    def __init__(self, evidence: Evidence) -> None:
        self._left = list(evidence.calls)
        self.concluded: list[CoreCall] = []
        """Calls that must have been made and are not recorded."""

    def take(self, *kinds: CallKind) -> CoreCall | None:
        """The next call for a purpose, or None; refusals that were retried are passed over."""
        found: CoreCall | None = None
        for call in [*self._left]:
            if call.kind not in kinds:
                continue
            self._left.remove(call)
            found = call
            if not is_busy(call):
                break
        if found is not None:
            # Whoever gets through to the core has settled the version before.
            self.take_all(CallKind.VERSION, CallKind.HANDSHAKE)
        return found

    def take_all(self, *kinds: CallKind) -> list[CoreCall]:
        """Every call for these purposes."""
        taken = [call for call in self._left if call.kind in kinds]
        self._left = [call for call in self._left if call.kind not in kinds]
        return taken

    def has(self, kind: CallKind) -> bool:
        """Whether there is such a call."""
        return any(call.kind is kind for call in self._left)

    def conclude(self, kind: CallKind, method: str, path: str, failure: str | None) -> None:
        """Note a call that is not recorded."""
        self.concluded.append(
            CoreCall(
                index=None,
                kind=kind,
                method=method,
                path=path,
                status=None,
                sent={},
                answer={},
                failure=failure,
                source=Source.INFERRED,
            )
        )

    def conclude_unless_version(
        self, trouble: CoreTrouble, kind: CallKind, method: str, path: str
    ) -> None:
        """Note a call that met trouble, unless it never came to it."""
        if trouble.kind == "refused":
            self.conclude(kind, method, path, "connection refused")
        elif trouble.kind != "version" and trouble.path == path:
            self.conclude(kind, method, path, describe_trouble(trouble))

    @property
    def unexplained(self) -> int:
        """How many calls are left that no step of the walk accounts for."""
        return sum(call.kind not in PLUMBING for call in self._left)

    @property
    def unexplained_plumbing(self) -> int:
        """How many calls are left that an SDK makes for its own sake before others."""
        return len(self._left) - self.unexplained
