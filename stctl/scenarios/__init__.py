"""Rehearsals, as data."""
