"""What the keys of a terminal mean. Keys come by SDL's names; keypad keys as `[7]`, `[+]`, `enter`.

The numeric keypad means what a clerk's keypad driver means (design notes, domain.md 3.3).
"""

LETTERS = {"r": "recall", "m": "miss", "h": "hold", "p": "pause", "u": "undo"}
PAD = {"[+]": "recall", "[-]": "miss", "[*]": "transfer", "[/]": "pause", "[.]": "finish"}
ENTER = ("return", "enter")
WIPE = ("backspace", "delete")


def digit(key: str) -> str:
    """The digit of a key, "" for another key."""
    bare = key[1:-1] if key[:1] == "[" and key[-1:] == "]" else key
    return bare if len(bare) == 1 and bare.isascii() and bare.isdigit() else ""


def act(key: str, typed: str) -> str:
    """The act a key stands for on the main page, after digits; "" for none."""
    if key in ENTER:
        return "call" if typed else "next"
    if key == "[-]" and typed == "0":
        return "finish"
    if key == "[*]" and typed:
        return "send"
    return "primary" if key == "space" else LETTERS.get(key) or PAD.get(key, "")
