"""Which of the explained requests are shown."""

from dataclasses import dataclass

from stctl.traces.explain.explanation import Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A choice among explanations; the whole trace is read for it all the same."""

    only_errors: bool = False
    """Only requests with an error, the app's own refusals included."""
    entry: int | None = None
    """Only the request at this place of the trace."""

    def takes(self, told: Explanation) -> bool:
        """Whether an explanation is wanted."""
        if self.entry is not None:
            return told.index == self.entry
        return not self.only_errors or told.error is not None or told.is_own_refusal
