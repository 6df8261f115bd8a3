"""The rules of sessions: what a core does with a token, a handle or a user id.

One file for each thing that can be asked. Nothing here knows HTTP; what differs between versions
of the interface comes in as a value.
"""
