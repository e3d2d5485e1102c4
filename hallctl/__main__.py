"""`python -m hallctl`, and the `hallctl` command."""

from hallctl.cli.main import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
