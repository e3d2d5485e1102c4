"""Pre-printed numbers as one HTML file for a printer: a slip to hand out, and the guide's stub.

No script, no font, no address. A slip says what a ticket says, but for what nobody can know
beforehand; the stub stays with the guide and has what is entered afterwards.
"""

from collections.abc import Sequence
from html import escape

from hallctl.core.papers.head import windows_text
from hallctl.core.rules import Queue, Rules
from hallctl.texts import say

PER_PAGE = {8: 70, 12: 46}
"""Numbers on an A4 page, in two columns, and how high each is (mm)."""
USUAL = 4
"""Characters of a label that is set large; a longer prefix needs the room."""

STYLE = """
@page{size:A4 portrait;margin:8mm}
*{box-sizing:border-box;margin:0}
body{font:11pt/1.35 "Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei","PingFang SC",sans-serif;
color:#000;background:#FFF}
.page{display:grid;grid-template-columns:97mm 97mm;width:194mm;break-after:page}
.page:last-child{break-after:auto}
.card{display:grid;grid-template-columns:61mm 36mm;border:.2mm dashed #777;overflow:hidden;
break-inside:avoid}
.slip{padding:3mm;display:flex;flex-direction:column;justify-content:space-between}
.stub{padding:3mm;border-left:.4mm dashed #000;display:flex;flex-direction:column;
justify-content:space-between;font-size:9.5pt}
.hall{font-size:10.5pt;font-weight:700}
.number{font-weight:700;line-height:1.05;letter-spacing:.5mm;font-variant-numeric:tabular-nums}
.p8 .number{font-size:50pt}.p12 .number{font-size:36pt}
.p8 .long{font-size:36pt}.p12 .long{font-size:28pt}
.p12 .slip,.p12 .stub{padding:2mm 3mm}.p12 .small{font-size:8pt}
.stub .label{font-size:16pt;font-weight:700}
.p12 .stub{font-size:8.5pt;line-height:1.2}.p12 .stub .label{font-size:12pt}
.small{font-size:9pt;white-space:pre-wrap}
.row{display:flex;align-items:baseline;gap:1mm;white-space:nowrap}
.row i{flex:1;border-bottom:.2mm solid #000;height:1em}
@media screen{body{background:#DDD}.page{background:#FFF;margin:8mm auto;padding:0}}
"""


def sheet(rules: Rules, queues: Sequence[Queue], per_page: int) -> str:
    """The whole file: every queue begins a page of its own, numbers in their order."""
    paper = rules.preprinted
    assert paper is not None
    numbers = list(range(paper.first, paper.last + 1))
    pages = [
        _page(rules, queue, numbers[at : at + per_page], per_page)
        for queue in queues
        for at in range(0, len(numbers), per_page)
    ]
    title = escape(f"{rules.hall} {say('zh', 'sheet.title')}")
    head = f'<!doctype html>\n<html lang="zh"><meta charset="utf-8"><title>{title}</title>'
    return f"{head}<style>{STYLE}</style>\n<body>\n" + "\n".join(pages) + "\n</body></html>\n"


def _page(rules: Rules, queue: Queue, numbers: Sequence[int], per_page: int) -> str:
    cards = "".join(_card(rules, queue, queue.label(number), per_page) for number in numbers)
    return f'<section class="page p{per_page}">{cards}</section>'


def _card(rules: Rules, queue: Queue, label: str, per_page: int) -> str:
    where = say("zh", "slip.where", queue=queue.name, windows=windows_text(queue))
    slip = [
        f'<div class="hall">{escape(rules.hall)}</div>',
        f'<div class="small">{escape(where)}</div>',
        f'<div class="number{" long" if len(label) > USUAL else ""}">{escape(label)}</div>',
        _row("sheet.came"),
        f'<div class="small">{escape(say("zh", "sheet.listen"))}</div>',
        f'<div class="small">{escape(say("zh", "sheet.today"))}</div>',
    ]
    stub_word = escape(say("zh", "sheet.stub"))
    stub = [
        f'<div class="row"><span class="label">{escape(label)}</span> {stub_word}</div>',
        *(_row(f"sheet.{key}") for key in ("came", "window", "started", "finished", "item")),
        f"<div>{escape(say('zh', 'sheet.priority'))}</div>",
    ]
    height = PER_PAGE[per_page]
    return (
        f'<div class="card" style="height:{height}mm"><div class="slip">{"".join(slip)}</div>'
        f'<div class="stub">{"".join(stub)}</div></div>'
    )


def _row(key: str) -> str:
    """Words with a line behind them to write on."""
    return f'<div class="row">{escape(say("zh", key))}<i></i></div>'
