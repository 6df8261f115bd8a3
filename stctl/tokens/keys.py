"""What the id of a signing key tells."""

from typing import Literal, TypeAlias

KeyKind: TypeAlias = Literal["dynamic", "static", "other"]


def kind_of_key(kid: str) -> KeyKind:
    """Whether a core's dynamic or static key has this id, or it is of another form.

    Source: core, behaviour notes 3.1: `d-<creation ms>` and `s-<uuid>`; very old static keys may
    have another id.
    """
    if kid.startswith("d-"):
        return "dynamic"
    return "static" if kid.startswith("s-") else "other"


def creation_of_key_ms(kid: str) -> int | None:
    """When a dynamic key was made, in milliseconds; None for other ids."""
    digits = kid[2:]
    if kind_of_key(kid) != "dynamic" or not (digits.isascii() and digits.isdecimal()):
        return None
    return int(digits[:18])
