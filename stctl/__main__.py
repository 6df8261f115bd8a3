"""The installed command `stctl`, and `python -m stctl`."""


def main() -> None:
    """Run the command line with the arguments of the process."""
    import gc

    # What imports make stays for good; looking for garbage in it costs a tenth of a short run.
    gc.set_threshold(50_000, 20, 20)
    from stctl.cli.app import app

    app()


if __name__ == "__main__":
    main()
