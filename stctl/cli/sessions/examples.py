"""Examples that stand at the end of each command's help."""

CREATE = """
Examples:

`stctl sessions create --user anna`

`stctl sessions create --user anna --payload '{"role": "admin"}' --json`

`stctl sessions create --user anna --cdi 5.6 --validity 30s` makes a token that soon expires.
"""

LIST = """
Examples:

`stctl sessions list --user anna`

`stctl sessions list --user anna --page 2`

`stctl sessions list --user anna -o ndjson | jq .payload`

`stctl sessions list --all-users -o ndjson > all.ndjson`

`stctl sessions list --all-users -o ndjson --resume >> all.ndjson` after an interruption
"""

SHOW = """
Example:

`stctl sessions show 6f0d9f4e-7c5b-4f59-9e8e-0d0c2b1a0f11`
"""

DIFF = """
Example:

`stctl sessions diff - < access-token.txt`
"""

REFRESH = """
Examples:

`stctl sessions refresh - < refresh-token.txt`

`stctl sessions refresh - --cdi 5.6 --json < refresh-token.txt`
"""

REVOKE = """
Examples:

`stctl sessions revoke --user anna --dry-run`

`stctl sessions revoke --user anna --core http://localhost:3567`

`stctl sessions list --user anna -q | stctl sessions revoke --handle - --yes`

`stctl sessions revoke --all-users --where 'payload.role=admin' --older-than 30d --dry-run`

`stctl sessions revoke --all-users --rate 200 --yes`; after an interruption the same with `--resume`
"""

SET = """
Examples:

`stctl sessions {part} set HANDLE '{{"plan": "pro"}}'`

`stctl sessions {part} get HANDLE | jq '.plan = "pro"' | stctl sessions {part} set HANDLE -`
"""
