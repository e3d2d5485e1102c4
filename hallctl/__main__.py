"""`python -m hallctl`, and the `hallctl` command."""

import os

# Else pydantic reads the description of every installed package, to find plugins that we have not.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from hallctl.cli.main import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
