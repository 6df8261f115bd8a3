"""Rules for how a signed token is written: alphabets, padding, and what follows the signature."""

from collections.abc import Iterator
from typing import Final

from stctl.tokens.codec import CodecProblem, decode_base64_any, describe
from stctl.tokens.lint.remark import Remark

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_URL_ALPHABET: Final = frozenset(_LETTERS + "-_")
_STANDARD_ALPHABET: Final = frozenset(_LETTERS + "+/")
_EITHER_ALPHABET: Final = _URL_ALPHABET | _STANDARD_ALPHABET
_QUANTUM: Final = 4
_RSA_2048_BYTES: Final = 256


def remarks_on_text(text: str, signature: str, *, is_old: bool) -> Iterator[Remark]:
    """What is odd about the writing; `is_old` means padded standard base64 is the right form."""
    odd = [
        part_name
        for part_name, part in zip(("header", "payload"), text.split("."), strict=False)
        if not _has_form(part, is_old=is_old)
    ]
    if odd:
        wanted = "padded standard base64" if is_old else "base64url without padding"
        yield Remark("base64-form", f"{' and '.join(odd).capitalize()}: not {wanted}.")
    signed = _signed_part(signature)
    yield from _after_signature(text, signature, signed)
    if not _has_form(signed if is_old else signed.rstrip("="), is_old=is_old):
        wanted = "padded standard base64" if is_old else "base64url (a core answers HTTP 500)"
        yield Remark("signature-form", f"Not {wanted}.")


def _has_form(part: str, *, is_old: bool) -> bool:
    if not is_old:
        return _URL_ALPHABET.issuperset(part)
    return len(part) % _QUANTUM == 0 and _STANDARD_ALPHABET.issuperset(part.rstrip("="))


def _signed_part(signature: str) -> str:
    """The base64 at the beginning of the signature, padding included."""
    if _EITHER_ALPHABET.issuperset(signature.rstrip("=")):
        return signature
    end = 0
    while end < len(signature) and signature[end] in _EITHER_ALPHABET:
        end += 1
    while end < len(signature) and signature[end] == "=":
        end += 1
    return signature[:end]


def _after_signature(text: str, signature: str, signed: str) -> Iterator[Remark]:
    rest = signature[len(signed) :] + text[len(text.rstrip(".")) :]
    if rest and signature:
        position = text.rindex(signature) + len(signed)
        first = f"the first is {describe(rest[0])} at byte {position}"
        yield Remark("trailing-characters", f"{len(rest)} after the signature, {first}.")


def remarks_on_length(signature: str) -> Iterator[Remark]:
    """Whether it has the 256 bytes that every key of a core makes."""
    signed = _signed_part(signature)
    try:
        size = len(decode_base64_any(signed))
    except CodecProblem:
        yield Remark("signature-length", f"{len(signed)} characters are no whole bytes.")
        return
    if size != _RSA_2048_BYTES:
        yield Remark("signature-length", f"It has {size}.")
