"""Work on the sessions of many users: found by walking all users, done in any size, resumable."""
