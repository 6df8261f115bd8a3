"""What a core says of a session."""
