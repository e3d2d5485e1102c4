"""A ticket read by npos, an ESC/POS parser that nobody here wrote.

It runs in node, from .venv/npm, where scripts/setup.sh --dev puts it when the machine has npm. It
knows GS ( k not by its name but can be told of it, as its README says; the rest is its own.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from drivers.escpos import EscposOptions
from drivers.escpos.typeset import Typesetter, draw
from hallctl.core import commands as c
from hallctl.core import effects as f
from hallctl.core.slip import Code, Gap, Line, Slip
from sample import Bench

MODULES = Path(__file__).parents[2] / ".venv" / "npm" / "node_modules"
THERE = shutil.which("node") is not None and (MODULES / "npos").is_dir()
PAYLOAD = "HALL:20261123:B001:5f3a9c"

READER = """
const npos = require('npos');
npos.rules[npos.symbols.GS]['(k'] = [0, 'd16'];
const parser = new npos.Parser(npos.rules);
parser.parse(require('fs').readFileSync(0)).then((ast) => {
  const raw = ast.raw;
  const nodes = ast.tree.map((node) => ({
    name: node.ascii === 'STX' ? 'text' : node.ascii + ' ' + node.fn,
    hex: raw.slice(node.offset, node.offset + node.length).toString('hex'),
  }));
  const pictures = ast.entries.filter((entry) => entry.type === 'raster').map((entry) => {
    const bitmap = entry.data;
    const rows = [];
    for (let y = 0; y < bitmap.height; y++) {
      let row = '';
      for (let x = 0; x < bitmap.width; x++) row += bitmap.getPixel(x, y) ? '.' : '#';
      rows.push(row);
    }
    return rows;
  });
  console.log(JSON.stringify({nodes, pictures}));
}).catch((error) => { console.error(String(error)); process.exit(1); });
"""

pytestmark = pytest.mark.skipif(
    not THERE and os.environ.get("CI") != "true",
    reason="no node or no npos here: scripts/setup.sh --dev installs it where npm is",
)


def read(wire):
    """(name, bytes) of each command, texts among them, and the pictures as rows of # and dots."""
    ran = subprocess.run(
        ["node", "--no-deprecation", "-e", READER],
        input=wire,
        capture_output=True,
        check=False,
        env=os.environ | {"NODE_PATH": str(MODULES)},
    )
    assert ran.returncode == 0, ran.stderr.decode()
    found = json.loads(ran.stdout)
    return [(node["name"], bytes.fromhex(node["hex"])) for node in found["nodes"]], found[
        "pictures"
    ]


def styled(nodes, encoding):
    """(scale, align, bold, inverse, text) of every printed line, as the parser cut the stream."""
    scale, align, bold, inverse, lines, row = (1, 1), 0, 0, 0, [], ""
    for name, raw in nodes:
        match name:
            case "GS !":
                scale = (raw[2] >> 4) + 1, (raw[2] & 15) + 1
            case "ESC a":
                align = raw[2]
            case "ESC E":
                bold = raw[2]
            case "GS B":
                inverse = raw[2]
            case "text":
                *whole, row = (row + raw.decode(encoding)).split("\n")
                lines += [(*scale, align, bold, inverse, text) for text in whole if text.strip()]
    return lines


def ticket():
    bench = Bench()
    bench.ask(c.IssueTicket(item="SB01", kiosk="kiosk-1", klass="priority"))
    (order,) = [effect for effect in bench.effects if isinstance(effect, f.PrintSlip)]
    return Slip((*order.slip.parts, Gap(), Code(PAYLOAD)))


ALIGNS = {"left": 0, "center": 1, "right": 2}


@pytest.mark.parametrize("profile", ["xprinter", "epson", "snbc"])
@pytest.mark.parametrize("paper_mm", [58, 80])
def test_a_ticket_says_the_same_to_a_parser_that_nobody_here_wrote(profile, paper_mm):
    options = EscposOptions(profile=profile, paper_mm=paper_mm)
    slip = ticket()
    nodes, pictures = read(Typesetter(options).slip(slip))
    assert pictures == []
    lines = styled(nodes, options.encoding)
    for part in (part for part in slip.parts if isinstance(part, Line)):
        wanted = (part.scale, part.scale, ALIGNS[part.align], part.bold, part.inverse)
        mine = [text for *style, text in lines if tuple(style) == wanted]
        assert part.text.replace(" ", "") in "".join(mine).replace(" ", ""), part
    assert [text for *_, text in lines if set(text) <= set("─-")] == [
        "─" * (options.dots // 24), "─" * (options.dots // 24), "-" * (options.dots // 12)
    ]  # fmt: skip
    codes = [raw[5:] for name, raw in nodes if name == "GS (k"]
    assert b"1P0" + PAYLOAD.encode() in codes
    assert codes[-1] == b"1Q0"
    assert codes[0][:3] == b"1A2"
    assert [(name, raw[2:3]) for name, raw in nodes][-1] == ("GS V", b"B")
    assert sum(name == "GS V" for name, _ in nodes) == 1
    assert nodes[0] == ("ESC @", b"\x1b@")


def test_a_line_with_a_rare_character_is_the_picture_we_drew():
    line = Line("王㐂", scale=2)
    nodes, (picture,) = read(Typesetter(EscposOptions()).slip(Slip((Line("前"), line, Line("后")))))
    drawn = draw(line.text, line, 576)
    ours = [
        "".join("#" if drawn.getpixel((x, y)) == 0 else "." for x in range(drawn.width))
        for y in range(drawn.height)
    ]
    assert picture == ours
    assert [text for *_, text in styled(nodes, "gbk")] == ["前", "后"]


def test_the_reader_would_notice_a_slip_that_is_cut_short_or_wrong():
    wire = Typesetter(EscposOptions()).slip(ticket())
    nodes, _ = read(wire.replace(b"\x1d!\x66", b"\x1d!\x55"))
    assert styled(nodes, "gbk") != styled(read(wire)[0], "gbk")
    broken = subprocess.run(
        ["node", "--no-deprecation", "-e", READER],
        input=wire.replace(b"\x1dVB", b"\x1dXB"),
        capture_output=True,
        check=False,
        env=os.environ | {"NODE_PATH": str(MODULES)},
    )
    assert broken.returncode == 1
    assert b"Can not parse commands" in broken.stderr
