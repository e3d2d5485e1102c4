"""A TCP line that takes its time: `slow_line.py HOST FIRST_PORT PORTS DELAY_S`, in its own process.

It listens on 127.0.0.1 at the same ports and carries bytes to HOST, each piece DELAY_S later.
"""

import asyncio
import sys


async def carry(reader, writer, delay_s: float) -> None:
    pieces: asyncio.Queue = asyncio.Queue()

    async def late() -> None:
        while True:
            due_s, piece = await pieces.get()
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            if not piece:
                writer.close()
                return
            writer.write(piece)

    loop = asyncio.get_running_loop()
    sender = asyncio.create_task(late())
    while True:
        try:
            piece = await reader.read(65536)
        except ConnectionError:
            piece = b""
        pieces.put_nowait((loop.time() + delay_s, piece))
        if not piece:
            break
    await sender


async def main(host: str, first: int, count: int, delay_s: float) -> None:
    def line(port: int):
        async def met(reader, writer) -> None:
            try:
                far_reader, far_writer = await asyncio.open_connection(host, port)
            except OSError:
                writer.close()
                return
            await asyncio.gather(
                carry(reader, far_writer, delay_s),
                carry(far_reader, writer, delay_s),
                return_exceptions=True,
            )

        return met

    for port in range(first, first + count):
        await asyncio.start_server(line(port), "127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    host, first, count, delay = sys.argv[1:]
    asyncio.run(main(host, int(first), int(count), float(delay)))
