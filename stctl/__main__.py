"""The installed command `stctl`, and `python -m stctl`."""


def main() -> None:
    """Run the command line with the arguments of the process."""
    import atexit
    import gc

    # What imports make stays for good; looking for garbage in it costs a tenth of a short run, and
    # a last look when the process ends as much again.
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)
    _fill_closed_streams()
    from stctl.cli.app import app

    app()


def _fill_closed_streams() -> None:
    """Put something in place of streams that whoever started the process has closed.

    Otherwise the next file to be opened, which may be the one of the sessions, takes the number
    of the stream and gets what is written to it. Standard output then refuses what is written.
    """
    import os
    import sys
    from pathlib import Path

    nothing = Path(os.devnull)
    # In the order of their numbers: a file that is opened takes the lowest that is free.
    sys.stdin = sys.stdin or nothing.open(encoding="utf-8")
    sys.stdout = sys.stdout or nothing.open(encoding="utf-8")
    sys.stderr = sys.stderr or nothing.open("w", encoding="utf-8")


if __name__ == "__main__":
    main()
