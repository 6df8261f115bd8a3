"""How much it takes to believe something that a trace does not show.

Every answer that is inferred has a price, and the walk with the lowest sum of prices that agrees
with the recorded answer is the explanation. A price says how unusual something is in a working
system: 0 is what is expected, 1 happens, 2 and 3 take bad luck or a mistake, 4 to 6 are rare, and
a contradiction to what was recorded costs more than any chain of rare events.
"""

from typing import Final

EXPECTED: Final = 0.0
COMMON: Final = 1.0
UNCOMMON: Final = 2.0
UNUSUAL: Final = 3.0
RARE: Final = 4.0
VERY_RARE: Final = 6.0
CONTRADICTION: Final = 20.0
MARGIN: Final = 4.0
"""What costs this much more than the best explanation is not named as an alternative."""
