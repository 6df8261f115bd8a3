"""What a backend SDK decides, written once."""
