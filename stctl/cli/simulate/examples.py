"""Examples at the end of the help of `stctl simulate`."""

SIMULATE = """
Examples:

`stctl simulate theft` lets a session be stolen and caught; `play` may be left out.

`stctl simulate list` names what there is, `stctl simulate all` plays it.
"""
PLAY = """
Examples:

`stctl simulate theft` lets a session be stolen and caught.

`stctl simulate theft --cdi 5.6 --set gap=29s` does it under the rules of the newest interface, with
a thief who comes within the grace seconds.

`stctl simulate theft --handlers handlers.py --expect-status 423` calls your own
`on_token_theft_detected`, and fails unless it answers 423.

`stctl simulate all --core http://localhost:3567 --junit report.xml` plays everything on a core of
yours, for a CI server to show.

`stctl simulate theft --app http://localhost:3001 --core http://localhost:3567 --protected /me` lets
the handlers of your own app fire.
"""
SHOW = """
Examples:

`stctl simulate show theft > mine.toml` copies a scenario, to be changed.
"""
RUN = """
Examples:

`stctl simulate run mine.toml` plays a scenario of your own.
"""
EXPLORE = """
Examples:

`stctl simulate explore --tabs 2 --losses 1` tries every order of events, under the rules of both
families.

`stctl simulate explore --grace 5 --grace 60 --keep found.toml` compares grace seconds, and keeps
the shortest schedule of each kind; `stctl simulate run found.toml` plays it.
"""
