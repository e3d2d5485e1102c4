"""network.yaml: what of the hall is to be reached from other machines. Without it: nothing.

Commands come in at `listen`'s port, public events at the next one, staff events at the one after;
all three need a key (`hallctl keys init`, `hallctl keys enrol`).
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from hallctl.config.tree import Tree
from hallctl.config.validating import Part, validate

PORT_MOST: Final = 65_535
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?", re.ASCII)
_URL: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", re.ASCII)


def address_of(text: str) -> tuple[str, int]:
    """`192.168.10.5:7700` as host and port; a host of `*` is every address of this machine.

    Raises ValueError with words for the person at the editor.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) <= PORT_MOST:
        raise ValueError(f"'{text}' must be address:port, for example 192.168.10.5:7700")
    bare = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        if host != "*" and not _HOST.fullmatch(host):
            words = f"'{host}' is no address of this machine, such as 192.168.10.5, nor *"
            raise ValueError(words) from None
    return host, int(port)


def _is_bus(text: str) -> str:
    _, port = address_of(text)
    if port + 2 > PORT_MOST:
        raise ValueError(f"'{text}': events need the two ports above {port}")
    return text


def _is_address(text: str) -> str:
    address_of(text)
    return text


def _is_url(text: str) -> str:
    if text and not _URL.fullmatch(text):
        raise ValueError(f"'{text}' is no address of a page, such as http://hall.example/wait")
    return text.rstrip("/")


class LimitsEntry(Part):
    """What one program on the network may use; a key left out keeps the value of the example."""

    rate: float = Field(default=50.0, gt=0, le=10_000, allow_inf_nan=False, examples=["50"])
    burst: int = Field(default=100, ge=1, le=100_000, examples=["100"])
    connections: int = Field(default=200, ge=1, le=10_000, examples=["200"])
    behind: int = Field(default=1000, ge=10, le=100_000, examples=["1000"])


class NetworkFile(Part):
    """The whole of network.yaml."""

    listen: Annotated[str, AfterValidator(_is_bus)] = Field(
        default="", validate_default=False, examples=["192.168.10.5:7700"]
    )
    http: Annotated[str, AfterValidator(_is_address)] = Field(
        default="127.0.0.1:7780", examples=["127.0.0.1:7780"]
    )
    public_url: Annotated[str, AfterValidator(_is_url)] = Field(
        default="", examples=["http://hall.example"]
    )
    limits: LimitsEntry = Field(default=LimitsEntry(), examples=["{rate: 50}"])


@dataclass(frozen=True, slots=True)
class Network:
    """How the hall is reached. `listen` "" is not at all; `rate` commands a second of one program.

    `burst` of them at once, `connections` all programs may hold open together, `behind` messages
    wait for a follower that does not keep up before it loses some (and asks for a replay).
    """

    listen: str = ""
    http: str = "127.0.0.1:7780"
    public_url: str = ""
    rate: float = 50.0
    burst: int = 100
    connections: int = 200
    behind: int = 1000


def network_of(tree: Tree) -> Network:
    """What network.yaml decides; problems stand in the tree."""
    found = None if tree.value is None else validate(tree, (), NetworkFile, tree.value)
    if found is None:
        return Network()
    limits = found.limits
    return Network(
        listen=found.listen,
        http=found.http,
        public_url=found.public_url,
        rate=limits.rate,
        burst=limits.burst,
        connections=limits.connections,
        behind=limits.behind,
    )
