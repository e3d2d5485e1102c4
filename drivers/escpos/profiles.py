"""What differs between receipt printers: named profiles, and the options that override them.

A profile is data: a row of defaults. What a row says was read in a maker's manual, or stands on
memory and is marked [M]; either way an option of devices.yaml has the last word.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, model_validator

from hallctl.driver import DriverOptions

UTF8_BY_FS = "1C 28 43 02 00 30 32"
"""Epson FS ( C, function 48: characters are coded in UTF-8 from here on (Epson reference; which
Chinese printers know it is not known here)."""
LATIN_PAGES: Mapping[str, int] = MappingProxyType(
    {"cp437": 0, "cp850": 2, "cp1252": 16, "cp858": 19}
)
"""ESC t n by the page's name (Epson ESC/POS reference, ESC t)."""

PROFILES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        # Epson ESC/POS reference (ASB, FS ( C, GS ( L, GS I, ESC t); GB18030 models of the TM line.
        "epson": {
            "encoding": "gb18030",
            "asb": True,
            "identify": True,
            "latin": "cp1252",
            "logo_command": "GS ( L",
        },
        # Xprinter, Zijiang and most of the market. GBK is in every one of them; some have no
        # GB18030, whose € they print as another character [M].
        "xprinter": {"encoding": "gbk"},
        # SNBC BT-UR056 and BT-532C manuals: 0C in the answer to DLE EOT 4 means enough paper.
        "snbc": {"encoding": "gb18030", "near_end_inverted": True},
        # The cheapest: nothing ever comes back, and GS ( k may be printed as text [M].
        "clone": {"encoding": "gbk", "silent": True, "qr": "raster"},
    }
)


class EscposOptions(DriverOptions):
    """What differs between printers. `profile` fills in whatever is not given beside it.

    `profile`: epson, xprinter, snbc or clone (docs/devices.md has the table). `paper_mm`: 80 (576
    dots) or 58 (384). `encoding`: how hanzi are sent; a character without a code of two bytes in
    it is drawn. `utf8_start`: with `encoding: utf8`, the bytes in hex that switch the printer to
    it. `latin`: the code page for letters such as ö, sent outside hanzi mode; none: drawn.
    `silent`: it never answers, so it is never asked. `asb`: it reports by itself when its state
    changes (GS a). `identify`: it says its name (GS I). `near_end_inverted`: 0C in the answer to
    DLE EOT 4 means enough paper. `qr`: "raster" where GS ( k is not known. `cut`: partial or full.
    `feed_lines`: blank lines before the cut. `logo`: the number of a picture in the printer's own
    memory, put on top of each slip; 0 for none. `logo_command`: how it is asked for. `logo_mm`:
    its height, and `knife_mm` the way from head to knife, both for reckoning paper only.
    """

    profile: Literal["epson", "xprinter", "snbc", "clone"] = "xprinter"
    paper_mm: Literal[58, 80] = 80
    encoding: Literal["gb18030", "gbk", "utf8"] = "gbk"
    utf8_start: str = Field(default=UTF8_BY_FS, pattern=r"^([0-9A-Fa-f]{2} ?)*$")
    latin: Literal["none", "cp437", "cp850", "cp1252", "cp858"] = "none"
    silent: bool = False
    asb: bool = False
    identify: bool = False
    near_end_inverted: bool = False
    qr: Literal["native", "raster"] = "native"
    cut: Literal["partial", "full"] = "partial"
    feed_lines: int = Field(default=3, ge=0, le=20)
    logo: int = Field(default=0, ge=0, le=99)
    logo_command: Literal["FS p", "GS ( L"] = "FS p"
    logo_mm: int = Field(default=0, ge=0, le=200)
    knife_mm: int = Field(default=10, ge=0, le=50)

    @model_validator(mode="before")
    @classmethod
    def _from_profile(cls, given: Any) -> Any:  # noqa: ANN401 - as pydantic hands it in
        if not isinstance(given, dict):
            return given
        name = given.get("profile", "xprinter")
        row = PROFILES.get(name, {}) if isinstance(name, str) else {}
        return {**row, **given}

    @property
    def dots(self) -> int:
        """The printable width."""
        return 576 if self.paper_mm == 80 else 384  # noqa: PLR2004 - the two papers there are

    @property
    def longest(self) -> int:
        """The longest command that a slip is likely to hold, in bytes: a drawn row, or a code."""
        return 10_240 if self.qr == "raster" else 2_048
