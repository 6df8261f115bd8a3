"""Tries every order of events between tabs, network and core, and looks for false alarms."""
