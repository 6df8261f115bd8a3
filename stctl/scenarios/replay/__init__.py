"""What would have happened: the sessions of a trace, played again under other rules.

`replay` takes the requests of a trace as they were explained and plays each of them twice, with its
tokens exchanged for those of a new session: on an embedded core with the rules that were recorded,
which shows whether the trace can be played at all, and on one with the rules that are asked for.
"""

from stctl.scenarios.replay.compare import Change, Compared, Replay, Rules
from stctl.scenarios.replay.outcome import Outcome

__all__ = ["Change", "Compared", "Outcome", "Replay", "Rules"]
