"""Examples that stand at the end of each command's help."""

LIST = """
Examples:

`stctl users list --newest-first --limit 20`

`stctl users list --email anna@`

`stctl users list --all -o ndjson | jq -r .id`
"""

SHOW = """
Example:

`stctl users show 6f0d9f4e-7c5b-4f59-9e8e-0d0c2b1a0f11`
"""

ACTIVE = """
Examples:

`stctl users active` counts those of the last 30 days

`stctl users active --since 1h`
"""

CREATE = """
Examples:

`stctl users create --email anna@example.com`

`stctl users create --count 100 -q` makes test users with addresses of their own
"""

ROLES = """
Example:

`stctl users roles add USER admin editor`
"""

METADATA = """
Examples:

`stctl users metadata set USER '{"plan": "pro"}'` leaves the other members as they are

`stctl users metadata set USER '{"plan": null}'` removes one
"""

MAPPING = """
Example:

`stctl users mapping add USER customer-4711`
"""
