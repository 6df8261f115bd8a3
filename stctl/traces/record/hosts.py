"""Changes the Host header of requests, for those who ask for it; not a byte else."""

import re
from collections.abc import Iterable
from typing import Final

from stctl.traces.record.messages import Head, Piece

_HOST: Final = re.compile(rb"^(host[ \t]*:[ \t]*)[^\r\n]*", re.IGNORECASE | re.MULTILINE)


def with_host(pieces: Iterable[Piece], host: str) -> bytes:
    """The bytes of these pieces, with the first Host header of each head saying `host`.

    A head without one gets none: only HTTP/1.0 has such.
    """
    new = host.encode("ascii", "replace")
    return b"".join(
        _HOST.sub(lambda found: found[1] + new, piece.raw, count=1)
        if isinstance(piece, Head)
        else piece.raw
        for piece in pieces
    )
