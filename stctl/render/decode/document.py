"""The JSON contract `stctl.decode/1`. Its fields are explained in `docs/guide/decode.md`."""

from stctl.jsontypes import JsonObject, JsonValue
from stctl.redact import fingerprint
from stctl.render.decode.masking import Veil
from stctl.tokens.access import LAST_BASE64_VERSION, PROTECTED_CLAIMS, AccessToken
from stctl.tokens.decoded import Decoded, Item, Report
from stctl.tokens.front import FrontToken
from stctl.tokens.hashes import hash1
from stctl.tokens.identify import Broken, Cleared, Source
from stctl.tokens.keys import creation_of_key_ms, kind_of_key
from stctl.tokens.lineage import PROOFS
from stctl.tokens.lint.remark import Remark
from stctl.tokens.opaque import OpaqueToken
from stctl.tokens.refresh import RefreshContents, RefreshToken
from stctl.tokens.signature import Signature
from stctl.tokens.signed import SignedToken
from stctl.tokens.sizes import BROWSER_LIMIT_BYTES, CookieSize
from stctl.tokens.times import Validity, utc_text


def document(report: Report, veil: Veil) -> JsonObject:
    """The whole report."""
    numbered = list(enumerate(report.items))
    return {
        "now": utc_text(report.now_ms),
        "now_ms": report.now_ms,
        "tokens": [
            token_document(number, item, report.now_ms, veil)
            for number, item in numbered
            if isinstance(item, Decoded)
        ],
        "problems": [
            broken_document(number, item) for number, item in numbered if isinstance(item, Broken)
        ],
        "cleared": [
            cleared_document(number, item) for number, item in numbered if isinstance(item, Cleared)
        ],
        "relations": [
            {
                "first": first,
                "second": second,
                "first_is": pair.relation,
                "proof": PROOFS[pair.relation],
            }
            for first, second, pair in report.kin
        ],
        "findings": [_remark(remark) for remark in report.remarks],
        "truncated": report.is_cut,
    }


def item_document(number: int, item: Item, now_ms: int, veil: Veil) -> dict[str, JsonValue]:
    """One element, as it is printed on a line of its own."""
    if isinstance(item, Decoded):
        return token_document(number, item, now_ms, veil)
    return (
        broken_document(number, item)
        if isinstance(item, Broken)
        else cleared_document(number, item)
    )


def broken_document(number: int, item: Broken) -> dict[str, JsonValue]:
    """Something that could not be read."""
    problem = item.problem
    return {
        "index": number,
        "kind": None,
        "expected": item.expected,
        "source": _source(item.source, ()),
        "error": {
            "part": problem.part,
            "position": problem.position,
            "reason": problem.reason,
            "message": str(problem),
            "length": len(item.text),
        },
    }


def cleared_document(number: int, item: Cleared) -> dict[str, JsonValue]:
    """Something that takes a token away."""
    return {
        "index": number,
        "kind": item.expected,
        "source": _source(item.source, ()),
        "cleared": True,
    }


def token_document(number: int, item: Decoded, now_ms: int, veil: Veil) -> dict[str, JsonValue]:
    """One token. Every member is there for every kind; null means that the kind has none."""
    finding = item.finding
    body = finding.body
    return {
        "index": number,
        "kind": finding.kind,
        "version": body.version if isinstance(body, AccessToken) else None,
        "source": _source(finding.source, finding.undone),
        "token": veil.secret(finding.text),
        "token_masked": not veil.is_lifted,
        "fingerprint": fingerprint(finding.text),
        "verdict": item.validity.verdict if item.validity else None,
        "signature": _signature(item.signature) if _is_signed(item) else None,
        "session": _session(item),
        "times": _times(item.validity) if item.validity else None,
        "key": _key(body.kid, now_ms) if isinstance(body, AccessToken | SignedToken) else None,
        "hashes": _hashes(item),
        "anti_csrf_token": _anti_csrf(item, veil),
        "header": dict(_header(item)) if _is_signed(item) else None,
        "claims": _claims(item, veil),
        "user_claims": _user_claims(item, veil),
        "refresh": _refresh(body, item, veil) if isinstance(body, RefreshToken) else None,
        "size": _size(item.size) if item.size else None,
        "findings": [_remark(remark) for remark in item.remarks],
    }


def _is_signed(item: Decoded) -> bool:
    return isinstance(item.finding.body, AccessToken | SignedToken)


def _source(source: Source, undone: tuple[str, ...]) -> dict[str, JsonValue]:
    return {
        "text": str(source),
        "place": source.place,
        "name": source.name,
        "position": source.position,
        "undone": list(undone),
    }


def _signature(signature: Signature | None) -> dict[str, JsonValue]:
    if signature is None:
        return {"verdict": "unverified", "kid": None, "reason": None}
    return {"verdict": signature.verdict, "kid": signature.kid, "reason": signature.reason}


def _session(item: Decoded) -> dict[str, JsonValue] | None:
    match item.finding.body:
        case AccessToken() as token:
            return _session_members(
                token.session_handle, token.user_id, token.recipe_user_id, token.tenant_id
            )
        case RefreshToken() if item.contents is not None:
            inside = item.contents
            return _session_members(inside.session_handle, None, inside.user_id, inside.tenant_id)
        case FrontToken() as token:
            return _session_members(None, token.user_id, None, None)
        case OpaqueToken(kind="session-handle") as token:
            return _session_members(token.text, None, None, token.tenant_id or "public")
        case _:
            return None


def _session_members(
    handle: str | None, user: str | None, recipe_user: str | None, tenant: str | None
) -> dict[str, JsonValue]:
    return {"handle": handle, "user_id": user, "recipe_user_id": recipe_user, "tenant_id": tenant}


def _times(validity: Validity) -> dict[str, JsonValue]:
    issued, expires, lifetime = validity.issued_at_ms, validity.expires_at_ms, validity.lifetime_ms
    return {
        "issued_at": None if issued is None else utc_text(issued),
        "issued_at_ms": issued,
        "expires_at": None if expires is None else utc_text(expires),
        "expires_at_ms": expires,
        "expires_in_s": None if expires is None else (expires - validity.now_ms) // 1000,
        "lifetime_s": None if lifetime is None else lifetime // 1000,
        "lifetime_is_default": validity.has_default_lifetime,
    }


def _key(kid: str | None, now_ms: int) -> dict[str, JsonValue] | None:
    if kid is None:
        return None
    made_ms = creation_of_key_ms(kid)
    return {
        "kid": kid,
        "kind": kind_of_key(kid),
        "created_at": None if made_ms is None else utc_text(made_ms),
        "created_at_ms": made_ms,
        "age_s": None if made_ms is None else (now_ms - made_ms) // 1000,
    }


def _hashes(item: Decoded) -> dict[str, JsonValue] | None:
    match item.finding.body:
        case AccessToken() as token:
            own, parent = token.refresh_token_hash1, token.parent_refresh_token_hash1
        case RefreshToken() as token:
            own = token.hash1
            parent = item.contents.parent_refresh_token_hash1 if item.contents else None
        case _:
            return None
    return {
        "refresh_token_hash1": own,
        "refresh_token_hash2": hash1(own),
        "parent_refresh_token_hash1": parent,
        "parent_refresh_token_hash2": None if parent is None else hash1(parent),
    }


def _anti_csrf(item: Decoded, veil: Veil) -> str | None:
    value: str | None = None
    if isinstance(item.finding.body, AccessToken):
        value = item.finding.body.anti_csrf_token
    elif item.contents is not None:
        value = item.contents.anti_csrf_token
    elif item.finding.kind == "anti-csrf-token":
        value = item.finding.text
    return None if value is None else veil.secret(value)


def _header(item: Decoded) -> JsonObject:
    match item.finding.body:
        case AccessToken() as token:
            return token.structure.header
        case SignedToken() as token:
            return token.header
        case _:
            return {}


def _claims(item: Decoded, veil: Veil) -> dict[str, JsonValue] | None:
    match item.finding.body:
        case AccessToken() as token:
            return veil.claims(protected_claims(token))
        case SignedToken() as token:
            return veil.claims(token.payload)
        case FrontToken() as token:
            return veil.claims(token.payload)
        case _:
            return None


def protected_claims(token: AccessToken) -> JsonObject:
    """The claims that are SuperTokens' own, as they stand in the payload."""
    payload = token.structure.payload
    if token.version <= LAST_BASE64_VERSION:
        return {name: value for name, value in payload.items() if name != "userData"}
    protected = PROTECTED_CLAIMS[token.version]
    return {name: value for name, value in payload.items() if name in protected}


def _user_claims(item: Decoded, veil: Veil) -> dict[str, JsonValue] | None:
    body = item.finding.body
    return veil.claims(body.user_claims) if isinstance(body, AccessToken) else None


def _refresh(token: RefreshToken, item: Decoded, veil: Veil) -> dict[str, JsonValue]:
    problem = item.sealed_because
    return {
        "type": token.type,
        "nonce": token.nonce,
        "contents": None if item.contents is None else _contents(item.contents, veil),
        "contents_problem": None if problem is None else str(problem),
    }


def _contents(contents: RefreshContents, veil: Veil) -> dict[str, JsonValue]:
    anti_csrf = contents.anti_csrf_token
    return {
        "sessionHandle": contents.session_handle,
        "userId": contents.user_id,
        "parentRefreshTokenHash1": contents.parent_refresh_token_hash1,
        "nonce": contents.nonce,
        "antiCsrfToken": None if anti_csrf is None else veil.secret(anti_csrf),
        "tenantId": contents.tenant_id,
    }


def _size(size: CookieSize) -> dict[str, JsonValue]:
    return {
        "cookie": size.cookie,
        "pair_bytes": size.pair_bytes,
        "whole_bytes": size.whole_bytes,
        "limit_bytes": BROWSER_LIMIT_BYTES,
        "fit": size.fit,
        "heaviest": [
            {"claim": weight.claim, "bytes": weight.size_bytes} for weight in size.heaviest
        ],
    }


def _remark(remark: Remark) -> dict[str, JsonValue]:
    return {
        "id": remark.id,
        "severity": remark.severity,
        "message": remark.text,
        "meaning": remark.rule.meaning,
    }
