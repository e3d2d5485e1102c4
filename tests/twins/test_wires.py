"""Twins on real ptys and sockets, with pyserial and plain sockets at the other end."""

import asyncio
import gc
import os
import select
import socket
import struct
import time
from contextlib import closing
from pathlib import Path

import pytest
import serial

from hallctl.simulator.faults import LINE_FAULTS
from hallctl.simulator.twins.base import Twin
from hallctl.simulator.twins.escpos import EscposTwin
from hallctl.simulator.twins.keypad_rs485 import KeypadRs485Twin
from hallctl.simulator.twins.pad_serial import PadSerialTwin
from hallctl.simulator.twins.voice_clips import VoiceClipsTwin
from hallctl.simulator.wires import PtyWire, TcpWire

PATIENCE_S = 20.0


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


async def until(holds):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        await asyncio.sleep(0.01)


def open_fds():
    return len(list(Path("/proc/self/fd").iterdir()))


async def read_serial(port, count):
    return await asyncio.to_thread(port.read, count)


def opened(wire):
    return serial.Serial(wire.address["serial"], 9600, timeout=PATIENCE_S, write_timeout=1)


# -- a serial line ------------------------------------------------------------------------------


def test_a_pad_on_a_pty_is_asked_and_answers(tmp_path):
    async def scene():
        async with PtyWire(PadSerialTwin({"window": 3}), tmp_path / "pad") as wire:
            assert wire.address == {"serial": str(tmp_path / "pad")}
            with opened(wire) as port:
                port.write(b"ASK A012\r\n")
                await until(lambda: wire.twin.state()["asking"])
                wire.press({"grade": 5})
                assert await read_serial(port, 4) == b"R5\r\n"
            assert [(f["way"], f["hex"]) for f in wire.log] == [
                ("to", b"ASK A012\r\n".hex(" ")), ("from", b"R5\r\n".hex(" ")),
            ]  # fmt: skip

    run(scene())


def test_every_byte_passes_a_pty_unchanged(tmp_path):
    class Mirror(Twin):
        def receive(self, data, now):
            return data

    async def scene():
        every = bytes(range(256)) * 8
        async with PtyWire(Mirror({}), tmp_path / "m") as wire:
            with opened(wire) as port:
                reading = asyncio.create_task(read_serial(port, len(every)))
                await asyncio.to_thread(port.write, every)
                assert await reading == every

    run(scene())


def test_a_line_may_be_opened_and_closed_any_number_of_times(tmp_path):
    async def scene():
        async with PtyWire(PadSerialTwin({}), tmp_path / "pad") as wire:
            for n in range(20):
                with opened(wire) as port:
                    port.write(f"ASK {n}\n".encode())
                    await until(lambda n=n: wire.twin.state()["label"] == str(n))
                    wire.press({"grade": 3})
                    assert await read_serial(port, 4) == b"R3\r\n"
            assert not wire.unplugged

    run(scene())


def test_what_is_said_while_nobody_listens_is_lost(tmp_path):
    async def scene():
        async with PtyWire(PadSerialTwin({}), tmp_path / "pad") as wire:
            wire.press({"grade": 1})
            fd = os.open(wire.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            try:
                wire.press({"grade": 2})
                await until(lambda: select.select([fd], [], [], 0)[0])
                assert os.read(fd, 100) == b"R2\r\n"
            finally:
                os.close(fd)

    run(scene())


def test_a_pulled_plug_is_an_error_at_the_other_end_and_a_new_pty_afterwards(tmp_path):
    async def scene():
        async with PtyWire(PadSerialTwin({}), tmp_path / "pad") as wire:
            with opened(wire) as port:
                reading = asyncio.create_task(read_serial(port, 1))
                await asyncio.sleep(0.05)
                await wire.fault("unplug", True)
                with pytest.raises((serial.SerialException, OSError)):
                    await reading
                with pytest.raises((serial.SerialException, OSError)):
                    port.write(b"IDLE\n")
            assert not wire.path.is_symlink()
            wire.press({"grade": 4})
            await wire.fault("unplug", False)
            with opened(wire) as port:
                port.write(b"ASK again\n")
                await until(lambda: wire.twin.state()["label"] == "again")

    run(scene())


def test_a_player_greets_everybody_who_opens_its_line(tmp_path):
    async def scene():
        async with PtyWire(VoiceClipsTwin({}), tmp_path / "voice") as wire:
            for _ in range(3):
                with opened(wire) as port:
                    assert await asyncio.to_thread(port.readline) == b'{"ready": true}\n'
                await asyncio.sleep(0.1)

    run(scene())


def test_a_keypad_on_a_pty_repeats_until_it_is_echoed(tmp_path):
    async def scene():
        twin = KeypadRs485Twin({"windows": {1: 3}})
        async with PtyWire(twin, tmp_path / "bus") as wire:
            with opened(wire) as port:
                wire.press({"window": 3, "key": "call"})
                first = await read_serial(port, 10)
                assert await read_serial(port, 10) == first
                port.write(first)
                await until(lambda: twin.state()["windows"]["3"]["acks"] == 1)

    run(scene())


def test_faults_of_the_line_reach_a_real_pty(tmp_path):
    async def scene():
        async with PtyWire(PadSerialTwin({}), tmp_path / "pad") as wire:
            with opened(wire) as port:
                port.write(b"ASK A012\r\n")
                await until(lambda: wire.twin.state()["asking"])
                await wire.fault("byte_by_byte", True)
                wire.press({"grade": 4})
                await until(lambda: len(wire.log) == 5)
                assert [f["bytes"] for f in wire.log][1:] == [1, 1, 1, 1]
                assert await read_serial(port, 4) == b"R4\r\n"
                await wire.fault("byte_by_byte", False)
                await wire.fault("slow", True)
                pressed_at = time.monotonic()
                wire.press({"grade": 5})
                assert await read_serial(port, 4) == b"R5\r\n"
                assert time.monotonic() - pressed_at >= 0.7
                await wire.fault("slow", False)
                await wire.fault("short_write", True)
                port.write(b"THANKS\r\n")
                await until(lambda: wire.log[-1]["way"] == "to")
                assert not wire.twin.state()["thanks"]
                await wire.fault("unplug", True)
                assert wire.faults_on == {"short_write", "unplug"}

    run(scene())


def test_an_input_device_on_a_pty_passes_whole_events_untouched(tmp_path):
    """A keypad or pad on USB has no serial line: its wire carries the kernel's 24-byte events."""
    event = struct.pack("llHHi", 1, 2, 1, 28, 1) + struct.pack("llHHi", 1, 2, 0, 0, 0)

    class Keys(Twin):
        def press(self, what, now):
            return event

    async def scene():
        async with PtyWire(Keys({}), tmp_path / "keys") as wire:
            with opened(wire) as port:
                for _ in range(20):
                    wire.press({})
                assert await read_serial(port, len(event) * 20) == event * 20

    run(scene())


def test_a_stalled_pty_takes_no_more_and_goes_on_later(tmp_path):
    async def scene():
        twin = PadSerialTwin({})
        async with PtyWire(twin, tmp_path / "pad") as wire:
            await wire.fault("stall", True)
            with opened(wire) as port:
                with pytest.raises(serial.SerialTimeoutException):
                    await asyncio.to_thread(port.write, b"THANKS\n" * 40_000)
                assert twin.state()["lines"] == []
                await wire.fault("stall", False)
                await until(lambda: twin.state()["lines"])

    run(scene())


# -- the network --------------------------------------------------------------------------------


def connected(wire):
    host, _, port = wire.address["tcp"].rpartition(":")
    peer = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
    return closing(peer)


async def take(peer, count):
    return await asyncio.to_thread(peer.recv, count)


def test_a_printer_on_tcp_answers_and_prints():
    async def scene():
        async with TcpWire(EscposTwin({})) as wire:
            with connected(wire) as peer:
                peer.sendall(b"\x10\x04\x01")
                assert await take(peer, 10) == b"\x12"
                peer.sendall("号票\n".encode("gbk") + b"\x1dVA\x00\x1dr\x01")
                assert await take(peer, 10) == b"\x00"
            assert wire.twin.state()["slips"][0]["text"] == ["号票"]

    run(scene())


def test_a_tcp_plug_pulled_cuts_the_connection_and_comes_back_on_the_same_port():
    async def scene():
        async with TcpWire(EscposTwin({})) as wire:
            address = wire.address
            with connected(wire) as peer:
                peer.sendall(b"\x10\x04\x01")
                await take(peer, 1)
                await wire.fault("unplug", True)
                with pytest.raises(ConnectionResetError):
                    await take(peer, 1)
            with pytest.raises(ConnectionRefusedError), connected(wire):
                pass
            await wire.fault("unplug", False)
            assert wire.address == address
            with connected(wire) as peer:
                peer.sendall(b"\x10\x04\x04")
                assert await take(peer, 1) == b"\x12"

    run(scene())


def test_a_printer_without_paper_stops_reading_when_its_buffer_is_full():
    async def scene():
        twin = EscposTwin({"buffer_bytes": 512})
        async with TcpWire(twin) as wire:
            await wire.fault("paper_out", True)
            with connected(wire) as peer:
                await asyncio.to_thread(peer.sendall, b"0123456789\n" * 200 + b"\x1dVA\x00")
                await until(lambda: twin.room() == 0)
                await wire.fault("paper_out", False)
                await until(lambda: twin.state()["cuts"] == 1)
            assert len(twin.state()["slips"][0]["text"]) == 200
            assert twin.state()["lost_bytes"] == 0

    run(scene())


def test_a_stalled_printer_reads_nothing():
    async def scene():
        async with TcpWire(EscposTwin({})) as wire:
            await wire.fault("stall", True)
            with connected(wire) as peer:
                peer.sendall(b"\x10\x04\x01")
                await asyncio.sleep(0.2)
                assert not [f for f in wire.log if f["way"] == "from"]
                await wire.fault("stall", False)
                assert await take(peer, 1) == b"\x12"

    run(scene())


def test_faults_of_the_line_reach_a_real_socket():
    async def scene():
        async with TcpWire(EscposTwin({})) as wire:
            with connected(wire) as peer:
                await wire.fault("noise", True)
                peer.sendall(b"\x10\x04\x01")
                assert (await take(peer, 10))[3:4] == b"\x12"
                await wire.fault("noise", False)
                await wire.fault("silence", True)
                assert wire.faults_on == {"silence"}
                peer.sendall(b"\x10\x04\x01")
                await until(lambda: [f["hex"] for f in wire.log if f["way"] == "to"][1:])
                await wire.fault("silence", False)
                peer.sendall(b"\x10\x04\x04")
                assert await take(peer, 10) == b"\x12"

    run(scene())


# -- both ---------------------------------------------------------------------------------------


def test_nothing_leaks(tmp_path):
    async def scene():
        gc.collect()  # what earlier tests left lying about is not to be closed meanwhile
        before, tasks = open_fds(), len(asyncio.all_tasks())
        for n in range(5):
            serial_line, network = PtyWire(PadSerialTwin({}), tmp_path / "p"), TcpWire(Twin({}))
            await serial_line.start()
            await network.start()
            with connected(network), opened(serial_line):
                await serial_line.fault("unplug", n % 2 == 0)
                await network.close()
            await serial_line.close()
            await serial_line.close()
        await until(lambda: open_fds() == before)
        assert len(asyncio.all_tasks()) == tasks
        assert not list(tmp_path.iterdir())

    run(scene())


def test_the_log_keeps_the_last_64_frames_and_the_faults_are_named(tmp_path):
    async def scene():
        async with PtyWire(PadSerialTwin({}), tmp_path / "p") as wire:
            assert wire.faults[:2] == ("unplug", "stall")
            assert set(wire.faults) >= {*LINE_FAULTS, *wire.twin.FAULTS}
            with opened(wire):
                for _ in range(70):
                    wire.press({"grade": 1})
            assert len(wire.log) == 64
            with pytest.raises(ValueError, match="fire"):
                await wire.fault("fire", True)

    run(scene())
