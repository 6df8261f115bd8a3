"""The users of the embedded core: who they are, how they log in, what links them."""
