"""Examinations of what is there: a core, an app, a key set, a token before several verifiers."""
