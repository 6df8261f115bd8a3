"""Rules over an explained trace: what is wrong, by what it is seen, and what to do about it."""
