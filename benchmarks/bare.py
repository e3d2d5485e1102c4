"""A daemon that can do nothing: asyncio, two sockets of ZeroMQ, a heartbeat a second. Own code.

    .venv/bin/python benchmarks/bare.py FOLDER

What no daemon of this kind starts without, and costs while it does nothing.
"""

import asyncio
import os
import socket
import sys
from pathlib import Path

import zmq
import zmq.asyncio


async def serve(folder: Path) -> None:
    """Answer every message with itself, and beat once a second."""
    context = zmq.asyncio.Context()
    router, publisher = context.socket(zmq.ROUTER), context.socket(zmq.PUB)
    router.bind(f"ipc://{folder}/ask")
    publisher.bind(f"ipc://{folder}/events")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        if "NOTIFY_SOCKET" in os.environ:
            manager.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    beating = asyncio.create_task(_beat(publisher))
    while not beating.done():
        await router.send_multipart(await router.recv_multipart())


async def _beat(publisher: zmq.asyncio.Socket) -> None:
    while True:
        await publisher.send(b"heartbeat")
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
