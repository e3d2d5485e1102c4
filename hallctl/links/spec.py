"""How devices.yaml names a wire: `link: {tcp: 192.168.1.50:9100}` and its kin."""

from pydantic import BaseModel, ConfigDict, field_validator


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TcpSpec(_Spec):
    """A device on the network, `host:port`."""

    tcp: str

    @field_validator("tcp")
    @classmethod
    def _has_port(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if not (host and colon and port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004
            raise ValueError(f"'{value}' must be host:port, for example 192.168.1.50:9100")
        return value


class SerialSpec(_Spec):
    """A serial line, named by its port path (`/dev/serial/by-path/…`), 8N1."""

    serial: str
    baud: int = 9600


class SoundSpec(_Spec):
    """The sound card, through a player process of its own; `default` or an ALSA device."""

    sound: str = "default"


class MemorySpec(_Spec):
    """Both ends in one process: for simulations."""

    memory: str


LinkSpec = TcpSpec | SerialSpec | SoundSpec | MemorySpec
