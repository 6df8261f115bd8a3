"""What tells one text format from the others; apart, so that telling costs no more than reading."""

import re
from typing import Final

SDK_LOG: Final = re.compile(r'com\.supertokens \{(?:t: \\?"|\\?"t\\?")')
"""The beginning of what an SDK of SuperTokens writes into a debug log."""

CURL_TALK: Final = re.compile(
    r"^(?:\d\d:\d\d:\d\d\.\d{6} )?(?:\[\d+-\d+\] )?"
    r"(?:> [A-Z]+ \S+ HTTP/[\d.]+|< HTTP/[\d.]+ \d{3}"
    r"|\* +(?:Trying |Connected to |Host \S+ was resolved|Connection #|Closing connection"
    r"|Re-using existing|ALPN|Could not resolve|Failed to connect))",
    re.MULTILINE,
)
"""What only `curl -v` has at the beginning of a line."""

CURL_METER: Final = re.compile(r"\r[ 0-9.kMGTP]{3,45}(?: [ 0-9:-]{8}){3} [ 0-9.kMGTP]{5}")
"""Curl's progress meter, which is written over itself and ends without a line feed."""
