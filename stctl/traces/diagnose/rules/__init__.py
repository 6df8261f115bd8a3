"""Every rule, in the order of ids. A module of rules names its own in `RULES`."""

from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules import (
    cookies_kept,
    cookies_sent,
    cookies_set,
    headers_cors,
    headers_limits,
    headers_sent,
    tokens_claims,
    tokens_keys,
    tokens_places,
)

RULES: tuple[type[Rule], ...] = tuple(
    sorted(
        (
            *cookies_kept.RULES,
            *cookies_sent.RULES,
            *cookies_set.RULES,
            *headers_cors.RULES,
            *headers_limits.RULES,
            *headers_sent.RULES,
            *tokens_claims.RULES,
            *tokens_keys.RULES,
            *tokens_places.RULES,
        ),
        key=lambda rule: rule.info.id,
    )
)
"""What a trace is put before."""
