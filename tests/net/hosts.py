"""Machines that are none: network namespaces on one bridge, with cables to pull and lines to spoil.

Everything is made anew and taken away again; the addresses (RFC 5737) exist in there only. Needs
root, `ip` and `iptables`; netem is not in every kernel, so delay is a proxy's (`slow_line.py`).
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NET = "192.0.2"


def sh(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


class Host:
    """One machine on the bridge: `name`, its address, its processes."""

    def __init__(self, lan: "Lan", name: str, number: int) -> None:
        self.space = f"{lan.prefix}-{name}"
        self.address = f"{NET}.{number}"
        self.cable = f"{lan.prefix}{number}"
        self._bridge = lan.bridge
        self._lan = lan
        sh("ip", "netns", "add", self.space)
        sh("ip", "-n", self.space, "link", "set", "lo", "up")
        sh(
            "ip",
            "-n",
            lan.switch,
            "link",
            "add",
            self.cable,
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
        )
        sh("ip", "-n", lan.switch, "link", "set", "eth0", "netns", self.space)
        sh("ip", "-n", lan.switch, "link", "set", self.cable, "master", lan.bridge, "up")
        sh("ip", "-n", self.space, "addr", "add", f"{self.address}/24", "dev", "eth0")
        sh("ip", "-n", self.space, "link", "set", "eth0", "up")

    def run(self, *words: str, **how) -> subprocess.Popen:
        """Start a program on this machine."""
        command = ["ip", "netns", "exec", self.space, *words]
        return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **how)

    def python(self, *words: str, **how) -> subprocess.Popen:
        """Start our Python on this machine."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        return self.run(sys.executable, *words, env=environment, **how)

    def pull(self) -> None:
        """Pull the cable out."""
        sh("ip", "-n", self._lan.switch, "link", "set", self.cable, "down")

    def plug(self) -> None:
        """Put it back."""
        sh("ip", "-n", self._lan.switch, "link", "set", self.cable, "up")

    def lose(self, share: float) -> None:
        """Lose that share of all packets that come in, and of those that go out."""
        for chain in ("INPUT", "OUTPUT"):
            sh(
                "ip", "netns", "exec", self.space, "iptables", "-A", chain, "!", "-i" if
                chain == "INPUT" else "-o", "lo", "-m", "statistic", "--mode", "random",
                "--probability", str(share), "-j", "DROP",
            )  # fmt: skip

    def lost(self) -> int:
        """How many packets were lost so far."""
        listed = sh("ip", "netns", "exec", self.space, "iptables", "-L", "-v", "-n", "-x")
        return sum(int(line.split()[0]) for line in listed.splitlines() if " DROP " in line)


class Lan:
    """A switch and its machines."""

    def __init__(self) -> None:
        self.prefix = f"h{os.getpid() % 100000}"
        self.switch = f"{self.prefix}-switch"
        self.bridge = "br0"
        self.hosts: list[Host] = []
        sh("ip", "netns", "add", self.switch)
        sh("ip", "-n", self.switch, "link", "add", self.bridge, "type", "bridge")
        sh("ip", "-n", self.switch, "link", "set", self.bridge, "up")

    def host(self, name: str, number: int) -> Host:
        made = Host(self, name, number)
        self.hosts.append(made)
        return made

    def close(self) -> None:
        for host in self.hosts:
            sh("ip", "netns", "del", host.space)
        sh("ip", "netns", "del", self.switch)
