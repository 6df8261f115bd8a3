"""Examples that stand at the end of each command's help."""

START = """
Examples:

`stctl core start` keeps sessions in the file that `stctl sessions` uses too.

`stctl core start --port 0 --db :memory: -q` prints the address of a core that forgets.

`stctl core start --set access_token_validity=60 --set refresh_token_rotation_grace_period=5`

`API_KEYS=my-20-characters-or-more stctl core start --host 0.0.0.0`
"""

STOP = """
Examples:

`stctl core stop` stops the only one.

`stctl core stop 3567`

`stctl core stop --all`
"""

STATUS = """
Examples:

`stctl core status`

`stctl core status http://localhost:3567`
"""
