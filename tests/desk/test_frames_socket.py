"""The frames socket: frames in, touches out, and a screen that has stopped is known."""

import asyncio
import contextlib
import json
import struct

import pytest

from hallctl.simulator.frames import FrameError, Frames, pack, read_message


class Ticking:
    """A clock the test moves."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


@contextlib.asynccontextmanager
async def listening(tmp_path, mono=None, told=None):
    frames = Frames(
        tmp_path / "f.sock", told or (lambda _: None), lambda: 1000.0, mono or Ticking()
    )
    await frames.start()
    try:
        yield frames
    finally:
        await frames.close()


@contextlib.asynccontextmanager
async def screen(frames):
    reader, writer = await asyncio.open_unix_connection(frames.path)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def until(true):
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def test_a_frame_arrives_whole_in_pieces_of_any_size(tmp_path):
    async def play():
        told = []
        async with listening(tmp_path, told=told.append) as frames, screen(frames) as (_, writer):
            header = {"kind": "frame", "screen": "kiosk-1", "n": 7, "sha256": "ab", "width": 2}
            for byte in pack(header, b"PNG!"):
                writer.write(bytes([byte]))
                await writer.drain()
            await until(lambda: told)
            tile = frames.tiles["kiosk-1"]
            assert (tile.png, tile.header["n"], tile.header["bytes"]) == (b"PNG!", 7, 4)
            assert tile.heard_wall_s == 1000.0

    asyncio.run(play())


def test_a_touch_reaches_the_screen_it_is_meant_for(tmp_path):
    async def play():
        async with (
            listening(tmp_path) as frames,
            screen(frames) as (one, out1),
            screen(frames) as (_, out2),
        ):
            out1.write(pack({"kind": "alive", "screen": "kiosk-1"}))
            out2.write(pack({"kind": "alive", "screen": "hall-1"}))
            await until(lambda: len(frames.tiles) == 2)
            await frames.touch("kiosk-1", "down", 0.25, 0.5)
            header, _ = await read_message(one)
            assert header == {"kind": "touch", "phase": "down", "x": 0.25, "y": 0.5, "bytes": 0}

    asyncio.run(play())


def test_a_silent_screen_is_stale_after_three_seconds_and_alive_again_when_heard(tmp_path):
    async def play():
        mono = Ticking()
        async with listening(tmp_path, mono) as frames, screen(frames) as (_, writer):
            writer.write(pack({"kind": "alive", "screen": "hall-1"}))
            await until(lambda: "hall-1" in frames.tiles)
            tile = frames.tiles["hall-1"]
            mono.now_s += 2.9
            assert not tile.stale(mono())
            mono.now_s += 0.2
            assert tile.stale(mono())
            writer.write(pack({"kind": "alive", "screen": "hall-1"}))
            await until(lambda: not tile.stale(mono()))

    asyncio.run(play())


def test_a_touch_on_a_screen_that_is_gone_says_so(tmp_path):
    async def play():
        async with listening(tmp_path) as frames:
            async with screen(frames) as (_, writer):
                writer.write(pack({"kind": "alive", "screen": "kiosk-1"}))
                await until(lambda: "kiosk-1" in frames.tiles)
            await until(lambda: not frames._open)
            with pytest.raises(FrameError, match="kiosk-1"):
                await frames.touch("kiosk-1", "down", 0, 0)

    asyncio.run(play())


NO_JSON = b"{nonsense"
NAMELESS = json.dumps({"kind": "frame", "screen": 3}).encode()
TOO_LONG = json.dumps({"kind": "frame", "screen": "k", "bytes": 1 << 40}).encode()
NEGATIVE = json.dumps({"kind": "frame", "screen": "k", "bytes": -1}).encode()


@pytest.mark.parametrize(
    "bytes_in",
    [
        b"\xff\xff\xff\xff",
        struct.pack(">I", len(NO_JSON)) + NO_JSON,
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", len(NAMELESS)) + NAMELESS,
        struct.pack(">I", len(TOO_LONG)) + TOO_LONG,
        struct.pack(">I", len(NEGATIVE)) + NEGATIVE,
    ],
)
def test_nonsense_on_the_frames_socket_ends_that_connection_only(tmp_path, bytes_in):
    async def play():
        async with (
            listening(tmp_path) as frames,
            screen(frames) as (reader, writer),
            screen(frames) as (_, other),
        ):
            writer.write(bytes_in)
            async with asyncio.timeout(20):
                assert await reader.read() == b""
            other.write(pack({"kind": "alive", "screen": "hall-1"}))
            await until(lambda: list(frames.tiles) == ["hall-1"])

    asyncio.run(play())
