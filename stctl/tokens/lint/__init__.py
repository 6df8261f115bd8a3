"""What is odd about a token, or about several in one paste."""
