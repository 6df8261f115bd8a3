"""The client of a core."""
