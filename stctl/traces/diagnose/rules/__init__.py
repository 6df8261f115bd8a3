"""Every rule, in the order of ids. A module of rules names its own in `RULES`."""

from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules import cookies_sent

RULES: tuple[type[Rule], ...] = tuple(
    sorted(
        (*cookies_sent.RULES,),
        key=lambda rule: rule.info.id,
    )
)
"""What a trace is put before."""
