"""The installed command `stctl`, and `python -m stctl`."""


def main() -> None:
    """Run the command line with the arguments of the process."""
    from stctl.cli.app import app

    app()


if __name__ == "__main__":
    main()
