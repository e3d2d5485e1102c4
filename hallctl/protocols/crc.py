"""CRC-16/MODBUS: polynomial A001 (reflected 8005), begun with FFFF. "123456789" gives 4B37."""


def _table_entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_TABLE = tuple(_table_entry(byte) for byte in range(256))


def crc16_modbus(data: bytes) -> int:
    """The check of these bytes. Modbus RTU sends its low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc
