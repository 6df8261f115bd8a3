"""What decode is given to look deeper: a key set, and the key of refresh tokens.

Both need cryptography, and so are made only when they are asked for.
"""

import json
from pathlib import Path

from stctl.cli.context import Context
from stctl.cli.files import read_text_file
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject, JsonValue
from stctl.tokens.decoded import CheckSignature, OpenRefresh
from stctl.tokens.refresh import RefreshContents, RefreshToken


def signature_check(context: Context, target: CoreTarget, source: str | None) -> CheckSignature:
    """A check against the key set at `source` (a file or URL), else against the core's.

    Raises `input-unreadable` for what is no key set, and the errors of a core that cannot be asked.
    """
    from stctl.tokens.signature import KeySet, KeySetProblem

    place, document = key_document(context, target, source)
    try:
        keys = KeySet(document)
    except KeySetProblem as problem:
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"{place} cannot be used: {problem}."
        ) from problem
    context.printer.remark(f"{place} has the keys {', '.join(keys.kids)}")
    return keys.check


def key_document(
    context: Context, target: CoreTarget, source: str | None
) -> tuple[str, JsonValue | JsonObject]:
    """A key set as it stands in a file, at a URL or, without a source, at the core; and its name.

    Raises `input-unreadable` for a file that is no JSON, and the errors of a core.
    """
    if source is None:
        with context.open_core(target) as client:
            return f"The key set of {client.target}", client.jwks().document
    if source.startswith(("http://", "https://")):
        return f"The key set at {source}", _fetch(context, target, source)
    text = read_text_file(Path(source).expanduser(), "the key set")
    try:
        document: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"The key set {source} is not JSON."
        ) from problem
    return f"The key set {source}", document


def _fetch(context: Context, target: CoreTarget, url: str) -> JsonValue:
    from urllib.parse import parse_qsl, urlsplit

    from stctl.cdi.replies import check_status, json_of
    from stctl.cdi.transport import HttpTransport

    parts = urlsplit(url)
    with HttpTransport(
        f"{parts.scheme}://{parts.netloc}",
        clock=context.clock,
        notify=context.printer.remark,
        timeout_s=target.timeout_s,
    ) as transport:
        reply = transport.send("GET", parts.path or "/", query=parse_qsl(parts.query))
    return json_of(check_status(reply)).value


def refresh_opener(context: Context, key: str) -> OpenRefresh:
    """Opens refresh tokens with a core's refresh key: the text itself, or `@FILE`."""
    from stctl.core.seal import RefreshSealer

    text = key
    if key.startswith("@"):
        text = read_text_file(Path(key[1:]).expanduser(), "the refresh key").strip()
    if not text:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, "The refresh key is empty.")
    sealer = RefreshSealer(text, context.entropy)

    def unseal(token: RefreshToken) -> RefreshContents:
        return sealer.open(token.text)

    return unseal
