"""How far a request may have come."""

from stctl.exchange import Request
from stctl.recipe.arrival import Reach
from stctl.traces.explain import plausibility
from stctl.traces.explain.choices import Option
from stctl.traces.explain.evidence import Evidence


def reach_options(evidence: Evidence, request: Request) -> list[Option[Reach]]:
    """Every way in which a request can have ended outside the SDK, with its price."""
    if evidence.is_elsewhere:
        return [Option(Reach.ELSEWHERE)]
    if request.method == "OPTIONS" and not evidence.calls:
        return [Option(Reach.PREFLIGHT)]
    if evidence.calls:
        return [Option(Reach.SDK)]
    options = [Option(Reach.SDK)]
    if evidence.is_not_found:
        options.append(Option(Reach.NO_ROUTE, plausibility.EXPECTED))
        options[0] = Option(Reach.SDK, plausibility.COMMON)
    if evidence.is_proxy_error:
        options.append(Option(Reach.GATEWAY, plausibility.EXPECTED))
        options[0] = Option(Reach.SDK, plausibility.UNUSUAL)
    return options
