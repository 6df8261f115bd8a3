"""SDKs and their versions, as people name them."""

import re
from dataclasses import dataclass
from typing import Final

from stctl.errors import ErrorKind, StctlError
from stctl.recipe.profiles.profile import SdkName

_NAMES: Final[dict[str, SdkName]] = {
    "node": "node",
    "supertokens-node": "node",
    "python": "python",
    "py": "python",
    "supertokens-python": "python",
    "go": "go",
    "golang": "go",
    "supertokens-golang": "go",
}
_VERSION: Final = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-+.].*)?$")
Version = tuple[int, int, int]
NEWEST: Final[Version] = (999, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkVersion:
    """An SDK and its version; `version` is None where only the SDK is known."""

    name: SdkName
    version: Version | None = None
    text: str | None = None
    """The version as it was given."""

    def is_at_least(self, node: str, python: str, go: str) -> bool:
        """Whether the version is at least the one given for its SDK; unknown counts as newest."""
        wanted = {"node": node, "python": python, "go": go}[self.name]
        return (self.version or NEWEST) >= read_version(wanted)


def read_version(text: str) -> Version:
    """The three numbers of a version; missing ones are 0.

    >>> read_version("0.20")
    (0, 20, 0)
    """
    found = _VERSION.match(text)
    if found is None:
        raise StctlError(ErrorKind.SETTING_INVALID, f"{text!r} is no version of an SDK.")
    major, minor, patch = (int(number or 0) for number in found.groups())
    return major, minor, patch


def parse_sdk(text: str) -> SdkVersion:
    """Read `node`, `supertokens-python` or `go@0.25.2`.

    Raises SETTING_INVALID for an unknown SDK and for a version without numbers.
    """
    name, _, version = text.strip().lower().partition("@")
    if name not in _NAMES:
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"There is no SDK {name!r}.",
            hint="It is node, python or go, with a version after @ where it matters.",
        )
    if not version:
        return SdkVersion(name=_NAMES[name])
    return SdkVersion(name=_NAMES[name], version=read_version(version), text=version)
