"""What a token says."""
