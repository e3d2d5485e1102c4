"""A small disk of its own for a hall's state, for tests that fill it up or make it read-only."""

import contextlib
import os
import subprocess

import pytest

needs_mount = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk is root's")


class SmallDisk:
    """A tmpfs on `folder`."""

    def __init__(self, folder, size_mib):
        self.folder = folder
        self.filler = folder / "filler"
        folder.mkdir(exist_ok=True)
        self._mount("-t", "tmpfs", "-o", f"size={size_mib}m,mode=0755", "none")

    def _mount(self, *words):
        subprocess.run(["mount", *words, str(self.folder)], check=True, capture_output=True)

    def free_bytes(self):
        told = os.statvfs(self.folder)
        return told.f_bavail * told.f_frsize

    def fill(self):
        """Somebody else writes until nothing more goes."""
        with self.filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            block = bytes(1 << 20)
            while True:
                file.write(block)

    def make_room(self):
        self.filler.unlink()

    def read_only(self):
        self._mount("-o", "remount,ro")

    def writable(self):
        self._mount("-o", "remount,rw")

    def close(self):
        subprocess.run(["umount", "-l", str(self.folder)], check=True)
