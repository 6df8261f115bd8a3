"""Whether one host of a core answers, takes the key, and is a core at all."""

from collections.abc import Iterator

from stctl.cdi.versions import version_order
from stctl.checks.core_line import CoreLine
from stctl.checks.finding import Finding, failed, passed, skipped, warned
from stctl.errors import ErrorKind, StctlError

_GREETING = "Hello"
_TENANT_TAKEN = (
    "A core takes the last part of an address that it does not know for a tenant. Check the base "
    "path."
)


def examine_entry(line: CoreLine, subject: str | None, *, is_public: bool) -> Iterator[Finding]:
    """Greet a host, then ask what needs the key; after a failure the rest is skipped.

    `is_public` says that everybody can reach the host.
    """
    greeting = _hello(line, subject)
    yield greeting
    if greeting.level == "fail":
        yield skipped("core.key", "core.hello failed", subject)
        yield skipped("core.interface", "core.hello failed", subject)
        return
    key = _key(line, subject, is_public=is_public)
    yield key
    if key.level == "fail":
        yield skipped("core.interface", "core.key failed", subject)
        return
    yield _interface(line, subject)


def _hello(line: CoreLine, subject: str | None) -> Finding:
    try:
        said = line.client(with_key=False).hello()
    except StctlError as error:
        return failed("core.hello", error.detail, error.hint, subject)
    if said != _GREETING:
        return failed(
            "core.hello",
            f"what answers says {said[:40]!r} in place of {_GREETING!r}",
            "Another service seems to stand at that address.",
            subject,
        )
    return passed("core.hello", "it answers, and its database too", subject)


def _key(line: CoreLine, subject: str | None, *, is_public: bool) -> Finding:
    refusal = _refusal(line, with_key=False)
    if refusal is not None and refusal.kind is not ErrorKind.CORE_KEY_REFUSED:
        return skipped("core.key", "core.interface fails", subject)
    if refusal is None:
        return _open(line, subject, is_public=is_public)
    if line.api_key is None:
        return failed(
            "core.key",
            "the core asks for an API key, and none is given",
            "Give it with --api-key-file, STCTL_API_KEY or a profile. SDKs need it too.",
            subject,
        )
    refusal = _refusal(line, with_key=True)
    if refusal is not None and refusal.kind is ErrorKind.CORE_KEY_REFUSED:
        return failed(
            "core.key",
            "the core refuses the API key",
            "It is another core's or app's, or was changed. Tokens without a database check go on "
            "being accepted with a wrong key, all else fails.",
            subject,
        )
    return passed("core.key", "the core asks for an API key, and takes this one", subject)


def _open(line: CoreLine, subject: str | None, *, is_public: bool) -> Finding:
    if is_public:
        return warned(
            "core.key",
            "the core asks for no API key, at a public address",
            "Whoever reaches it can make and end sessions: set api_keys.",
            subject,
        )
    extra = "" if line.api_key is None else ", the given one is not looked at"
    return passed("core.key", f"the core asks for no API key{extra}", subject)


def _refusal(line: CoreLine, *, with_key: bool) -> StctlError | None:
    try:
        line.client(with_key=with_key).api_versions()
    except StctlError as error:
        return error
    return None


def _interface(line: CoreLine, subject: str | None) -> Finding:
    try:
        versions = sorted(line.client().api_versions(), key=version_order)
    except StctlError as error:
        is_tenant = error.kind is ErrorKind.CORE_REFUSED and "403" in error.detail
        hint = _TENANT_TAKEN if is_tenant else error.hint
        return failed("core.interface", error.detail, hint, subject)
    if not versions:
        return failed(
            "core.interface", "it offers no version of its interface", "Is it a core?", subject
        )
    return passed("core.interface", f"CDI {versions[0]} to {versions[-1]}", subject)
