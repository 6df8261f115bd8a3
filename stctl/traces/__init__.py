"""What happened on the wire."""
