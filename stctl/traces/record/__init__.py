"""A recording reverse proxy: passes bytes on as they are, and writes down what they were.

`recorder` moves the bytes, `conversation` follows a copy of them, `taking` makes entries of what
passed, `standins` takes the secrets out, `files` writes. Nothing on the way of the bytes waits for
what is done with the copy.
"""
