"""What a whole trace came to, counted while it is explained."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.handlers import HandlerKind
from stctl.traces.explain.explanation import Explanation

_OF_RECIPE = frozenset(HandlerName) - {
    HandlerName.APP_ERROR_HANDLER,
    HandlerName.FRAMEWORK_ERROR_RESPONSE,
}


@dataclass(slots=True)
class Tally:
    """Counts explanations as they pass by."""

    requests: int = 0
    own_refusals: int = 0
    """Errors that the app answered by itself."""
    doubtful: int = 0
    """Requests for which something else remains possible."""
    errors: Counter[ErrorName] = field(default_factory=Counter)
    _kinds: dict[HandlerName, set[HandlerKind]] = field(default_factory=dict)

    def watch(self, told: Iterable[Explanation]) -> Iterator[Explanation]:
        """Give explanations on, and count them."""
        for one in told:
            self.count(one)
            yield one

    def count(self, told: Explanation) -> None:
        """Count one explanation."""
        self.requests += 1
        self.own_refusals += told.is_own_refusal
        self.doubtful += bool(told.alternatives)
        firing = told.answered.firing
        if told.error is not None:
            self.errors[told.error] += 1
        if firing.handler in _OF_RECIPE and firing.handler is not None:
            self._kinds.setdefault(firing.handler, set()).add(firing.kind)

    @property
    def handlers(self) -> Mapping[HandlerName, str]:
        """The handlers of the session recipe that fired: `default`, `custom`, or `both`."""
        return {
            handler: next(iter(kinds)) if len(kinds) == 1 else "both"
            for handler, kinds in self._kinds.items()
        }
