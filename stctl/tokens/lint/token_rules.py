"""Rules for one token: its kind's own, and those of the place where it stood."""

from collections.abc import Iterator
from typing import Final

from stctl.tokens.access import AccessToken
from stctl.tokens.identify.model import Finding
from stctl.tokens.lint.access_rules import remarks_on_access
from stctl.tokens.lint.remark import Remark
from stctl.tokens.sizes import CookieSize
from stctl.tokens.times import Validity

_BEARER: Final = "Bearer"
_TWICE: Final = 2
_ORDER: Final = {"bad": 0, "warn": 1}


def remarks_on(
    finding: Finding, validity: Validity | None, size: CookieSize | None
) -> list[Remark]:
    """Everything odd about one token and its place, most serious first."""
    remarks = [*_on_body(finding, validity), *_on_size(size), *_on_place(finding)]
    return sorted(remarks, key=lambda remark: _ORDER[remark.severity])


def _on_body(finding: Finding, validity: Validity | None) -> Iterator[Remark]:
    body = finding.body
    if isinstance(body, AccessToken) and validity is not None:
        yield from remarks_on_access(body, validity)
    else:
        yield from _on_other(finding, validity)


def _on_other(finding: Finding, validity: Validity | None) -> Iterator[Remark]:
    from stctl.tokens.lint.refresh_rules import remarks_on_refresh
    from stctl.tokens.lint.signed_rules import remarks_on_signed
    from stctl.tokens.refresh import RefreshToken
    from stctl.tokens.signed import SignedToken

    body = finding.body
    if isinstance(body, SignedToken) and validity is not None:
        yield from remarks_on_signed(body, validity)
    elif isinstance(body, RefreshToken):
        yield from remarks_on_refresh(body)


def _on_size(size: CookieSize | None) -> Iterator[Remark]:
    if size is None or size.fit == "fits":
        return
    if size.fit == "too-large":
        yield Remark("cookie-too-large", f"Name and value take {size.pair_bytes:,} bytes.")
    else:
        yield Remark("cookie-at-risk", f"With attributes it takes {size.whole_bytes:,} bytes.")


def _on_place(finding: Finding) -> Iterator[Remark]:
    if "white-space" in finding.undone:
        yield Remark("white-space", "It was taken out to read the token.")
    if "spaces-for-plus" in finding.undone:
        yield Remark("spaces-for-plus", "They were put back to read the token.")
    if finding.undone.count("percent-encoding") >= _TWICE:
        times = finding.undone.count("percent-encoding")
        yield Remark("encoded-twice", f"It was encoded {times} times.")
    yield from _on_slot(finding)


def _on_slot(finding: Finding) -> Iterator[Remark]:
    source, expected = finding.source, finding.expected
    if expected is not None and expected != finding.kind:
        wanted = expected.replace("-", " ")
        yield Remark("wrong-slot", f"{source} is the place of the {wanted}.")
    name = (source.name or "").lower()
    if name == "authorization" and source.scheme != _BEARER:
        told = f"`{source.scheme} `" if source.scheme else "nothing"
        yield Remark("bearer-scheme", f"In front of the token stands {told}.")
    if name == "sidrefreshtoken" and source.place == "cookie":
        yield Remark("legacy-cookie", "Sent with the request.")
