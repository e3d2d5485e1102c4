"""A stand-in for a screen: speaks the frames socket, draws plain colours, turns green when touched.

Usage: fake_screen.py SOCKET NAME WIDTHxHEIGHT
"""

import hashlib
import io
import json
import select
import socket
import struct
import sys
import time

from PIL import Image


def send(link, header, payload=b""):
    head = json.dumps({**header, "bytes": len(payload)}).encode()
    link.sendall(struct.pack(">I", len(head)) + head + payload)


def frame(link, name, n, size, colour):
    image = Image.new("RGB", size, colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    digest = hashlib.sha256(image.tobytes()).hexdigest()
    send(
        link,
        {
            "kind": "frame", "screen": name, "n": n, "sha256": digest,
            "width": size[0], "height": size[1], "targets": {"tile": [0.1, 0.2, 0.3, 0.1]},
        },
        out.getvalue(),
    )  # fmt: skip


def main(path, name, size):
    wide, high = map(int, size.split("x"))
    link = socket.socket(socket.AF_UNIX)
    link.connect(path)
    frame(link, name, 1, (wide, high), "#0b4f71")
    n, alive_at = 1, time.monotonic()
    while True:
        ready, _, _ = select.select([link], [], [], 0.2)
        if ready:
            data = link.recv(4096)
            if not data:
                return
            n += 1
            frame(link, name, n, (wide, high), "#17694a")
        if time.monotonic() - alive_at > 1:
            alive_at = time.monotonic()
            send(link, {"kind": "alive", "screen": name})


if __name__ == "__main__":
    main(*sys.argv[1:])
