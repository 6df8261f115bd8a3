"""Rules for limits on the size of headers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.wire import header_bytes
from stctl.traces.explain.explanation import Explanation

_FIELDS_TOO_LARGE: Final = 431
_NGINX_TOO_LARGE: Final = 494
_BAD_REQUEST: Final = 400
_BAD_GATEWAY: Final = 502
_SMALLEST_LIMIT: Final = 4096
_MOST_HOSTS: Final = 200
_WORDS: Final = ("header or cookie too large", "header too large", "header field too large")


@dataclass(slots=True)
class _Host:
    """How large headers were that got through a gateway, and those that did not."""

    largest_passed: int = 0
    smallest_failed: int = 1 << 30
    failed: list[Proof] = field(default_factory=list)
    has_passed_since: bool = False
    """Whether a request got through after one had failed: the gateway's backend is there."""
    failed_again: bool = False


class HeadersTooLarge(Rule):
    """Tokens that make headers larger than a proxy takes."""

    info: ClassVar = RuleInfo(
        id="ST-010",
        name="headers-too-large",
        severity=Severity.ERROR,
        title="a proxy or server refuses the request for the size of its headers",
        cause="Proxies and servers take 4 to 16 KB of headers. Tokens grow with roles, permissions "
        "and profile data in their payload, and travel with every request, twice in an answer that "
        "sets them (token and front-token). The backend never sees the request, so no SDK answers.",
        fix="Make the payload smaller, or raise the limit: large_client_header_buffers for "
        "requests and proxy_buffer_size for answers in nginx, --max-http-header-size in Node.",
        link="https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers",
        references=("core#1044", "supabase/auth#1754"),
        example="400 `Request Header Or Cookie Too Large` by nginx, or 431, for requests with a "
        "token of 8 KB; smaller ones pass.",
    )

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Takes a refusal in words at once, and gathers answers of gateways without words."""
        del sight
        evidence = told.evidence
        size = header_bytes(evidence.request.headers)
        if _says_so(told):
            yield self.finding(
                f"A request with {size:,} bytes of headers is refused with {evidence.status}.",
                proof(told, "answer status", f"{evidence.status}; headers of {size:,} bytes"),
            )
            return
        if evidence.entry.host not in self._hosts and len(self._hosts) >= _MOST_HOSTS:
            return
        host = self._hosts.setdefault(evidence.entry.host, _Host())
        if evidence.status == _BAD_GATEWAY and evidence.is_proxy_error:
            host.smallest_failed = min(host.smallest_failed, size)
            host.failed_again |= host.has_passed_since
            if len(host.failed) < 3:  # noqa: PLR2004 - enough to see the pattern
                shows = f"502 of a gateway; request headers of {size:,} bytes"
                host.failed.append(proof(told, "answer status", shows))
        elif evidence.response is not None:
            host.largest_passed = max(host.largest_passed, size)
            host.has_passed_since = bool(host.failed)

    def end(self, sight: Sight) -> Iterator[Finding]:
        """Where size alone parts what a gateway passed on from what it did not."""
        del sight
        for host in self._hosts.values():
            is_by_size = 0 < host.largest_passed < host.smallest_failed > _SMALLEST_LIMIT
            if host.failed_again and is_by_size:
                yield self.finding(
                    f"Requests with up to {host.largest_passed:,} bytes of headers pass, from "
                    f"{host.smallest_failed:,} on the gateway answers 502.",
                    *host.failed,
                )


def _says_so(told: Explanation) -> bool:
    evidence = told.evidence
    if evidence.status in {_FIELDS_TOO_LARGE, _NGINX_TOO_LARGE}:
        return True
    return evidence.status == _BAD_REQUEST and any(one in evidence.words for one in _WORDS)


RULES: tuple[type[Rule], ...] = (HeadersTooLarge,)
