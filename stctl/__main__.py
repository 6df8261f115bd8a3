"""The installed command `stctl`, and `python -m stctl`."""


def main() -> None:
    """Run the command line with the arguments of the process."""
    import atexit
    import gc

    # What imports make stays for good; looking for garbage in it costs a tenth of a short run, and
    # a last look when the process ends as much again.
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)
    from stctl.cli.app import app

    app()


if __name__ == "__main__":
    main()
