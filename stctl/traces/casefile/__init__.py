"""What a report on a trace is made of, gathered in one pass and in bounded memory.

Everything in a case file is masked already, unless it was asked for otherwise: whoever shows it can
no longer give a secret away.
"""
