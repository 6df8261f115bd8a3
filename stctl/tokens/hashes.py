"""The two hashes by which tokens and rows point at refresh tokens."""

from hashlib import sha256


def hash1(token: str) -> str:
    """H1: lower-case hex SHA-256 of the token's UTF-8 bytes (64 characters).

    An access token names its refresh token, and that token's parent, by it. It is taken over the
    whole refresh token, all three parts. Text that has no UTF-8 form (a lone surrogate) is hashed
    as its surrogate bytes and so matches no real token.

    Source: core, behaviour notes, "Conventions" and 3.6.
    """
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def hash2(token: str) -> str:
    """H2: the hash of the 64 hex characters of H1, which is what a core's database keeps.

    Source: core, behaviour notes, "Conventions" and 3.6.
    """
    return hash1(hash1(token))
