"""Where commands print for people."""

from rich.console import Console

out = Console()
err = Console(stderr=True)
