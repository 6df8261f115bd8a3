"""One remark on a token."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stctl.tokens.lint.rules import Rule, Severity


class Remark(NamedTuple):
    """One remark on one token, or on a paste as a whole."""

    id: str
    text: str
    """What is the matter in this very case, as a sentence without the general meaning."""

    @property
    def rule(self) -> "Rule":
        """The row of the table."""
        from stctl.tokens.lint.rules import RULES

        return RULES[self.id]

    @property
    def severity(self) -> "Severity":
        """How serious it is."""
        return self.rule.severity
