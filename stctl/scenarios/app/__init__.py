"""A real app in place of the rehearsed backend: its own handlers fire.

stctl acts as the browser. What the app did with a request is found out from its answer, by the same
tree that explains recorded traces; of the core, where there is one, is asked what became of
sessions.
"""
