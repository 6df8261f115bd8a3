"""Everything that can be said of pasted tokens without asking anybody."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from stctl.tokens.access import AccessToken
from stctl.tokens.identify import MOST_FOUND, Broken, Cleared, Finding, Found, identify
from stctl.tokens.lint.remark import Remark
from stctl.tokens.lint.token_rules import remarks_on
from stctl.tokens.problem import TokenProblem
from stctl.tokens.sizes import CookieSize, cookie_size
from stctl.tokens.times import Validity, validity_of

if TYPE_CHECKING:
    from stctl.tokens.lineage import Kinship
    from stctl.tokens.refresh import RefreshContents, RefreshToken
    from stctl.tokens.signature import Signature
    from stctl.tokens.signed import SignedToken

CheckSignature: TypeAlias = "Callable[[AccessToken | SignedToken], Signature]"
OpenRefresh: TypeAlias = "Callable[[RefreshToken], RefreshContents]"
"""Opens a refresh token; raises `TokenProblem` where the key does not fit."""


class Tools(NamedTuple):
    """What a look at tokens may use beside the tokens themselves."""

    check: "CheckSignature | None" = None
    """None: nothing is verified."""
    unseal: "OpenRefresh | None" = None
    """None: refresh tokens stay closed."""


class Decoded(NamedTuple):
    """One token with everything that follows from it."""

    finding: Finding
    validity: Validity | None
    size: CookieSize | None
    remarks: Sequence[Remark]
    signature: "Signature | None"
    """None where nothing was verified, and for kinds without a signature."""
    contents: "RefreshContents | None"
    sealed_because: TokenProblem | None
    """Why the refresh token could not be opened although a key was given."""

    @property
    def session_handle(self) -> str | None:
        """The session that the token names, if it names one."""
        body = self.finding.body
        if isinstance(body, AccessToken):
            return body.session_handle
        if self.contents is not None:
            return self.contents.session_handle
        return self.finding.text if self.finding.kind == "session-handle" else None


Item: TypeAlias = Decoded | Broken | Cleared


class Report(NamedTuple):
    """Everything in one or several pastes, in order."""

    now_ms: int
    items: Sequence[Item]
    kin: "Sequence[tuple[int, int, Kinship]]"
    """Numbers of two items, and what the first is to the second."""
    remarks: Sequence[Remark]
    """On what stands together."""
    is_cut: bool
    """Whether a paste held so much that its end was not looked at."""

    @property
    def tokens(self) -> Sequence[Decoded]:
        """What could be read."""
        return [item for item in self.items if isinstance(item, Decoded)]

    @property
    def broken(self) -> Sequence[Broken]:
        """What could not."""
        return [item for item in self.items if isinstance(item, Broken)]


NO_TOOLS: Final = Tools()


def examine(pastes: Sequence[tuple[str, str]], now_ms: int, tools: Tools = NO_TOOLS) -> Report:
    """Report on pastes, each with its name (empty where there is only one)."""
    found: list[Found] = []
    is_cut = False
    for name, text in pastes:
        inside = identify(text)
        is_cut = is_cut or len(inside) >= MOST_FOUND
        found.extend(_named(item, name) for item in inside)
    items = [decode(item, now_ms, tools) if isinstance(item, Finding) else item for item in found]
    return Report(
        now_ms=now_ms,
        items=items,
        kin=_kin(items),
        remarks=_together(found),
        is_cut=is_cut,
    )


def decode_line(text: str, now_ms: int, tools: Tools = NO_TOOLS) -> Iterator[Item]:
    """Everything in one line of a stream, without what relates lines to each other."""
    for found in identify(text):
        yield decode(found, now_ms, tools) if isinstance(found, Finding) else found


def _named(item: Found, name: str) -> Found:
    return item._replace(source=item.source._replace(paste=name)) if name else item


def decode(finding: Finding, now_ms: int, tools: Tools = NO_TOOLS) -> Decoded:
    """Everything about one token."""
    validity = validity_of(finding.body, now_ms)
    size = cookie_size(finding)
    remarks = remarks_on(finding, validity, size)
    contents, problem = _open(finding, tools)
    if problem is not None and problem.part == "nonce":
        remarks = [Remark("nonce-differs", "Compared after opening it."), *remarks]
    return Decoded(
        finding=finding,
        validity=validity,
        size=size,
        remarks=remarks,
        signature=_check(finding, tools),
        contents=contents,
        sealed_because=problem,
    )


def _check(finding: Finding, tools: Tools) -> "Signature | None":
    if tools.check is None:
        return None
    from stctl.tokens.signed import SignedToken

    body = finding.body
    return tools.check(body) if isinstance(body, AccessToken | SignedToken) else None


def _open(finding: Finding, tools: Tools) -> "tuple[RefreshContents | None, TokenProblem | None]":
    if tools.unseal is None:
        return None, None
    from stctl.tokens.refresh import RefreshToken

    if not isinstance(finding.body, RefreshToken):
        return None, None
    try:
        return tools.unseal(finding.body), None
    except TokenProblem as problem:
        return None, problem


def _together(found: Sequence[Found]) -> Sequence[Remark]:
    if len(found) == 1:
        return ()
    from stctl.tokens.lint.paste_rules import remarks_on_paste

    return remarks_on_paste(found)


def _kin(items: Sequence[Item]) -> "list[tuple[int, int, Kinship]]":
    if len(items) == 1:
        return []
    from stctl.tokens.kin import kin_of

    return kin_of(items)
