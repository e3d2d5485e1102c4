"""catalogue.yaml: what the departments decide, with the fields of the 受理材料标准化手册.

Empty is a word here: the sources do not say, so the resident reads 以窗口告知为准.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from hallctl.config.hall_file import QueueId, Slug, Words, written
from hallctl.config.validating import Part


def _count(value: object) -> object:
    """`copies: 2` is as good as `copies: "2"`."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, Field(max_length=2000)]
Code = Annotated[
    str, written(r"[A-Z]{1,4}[0-9]{1,4}", "capital letters and a number, such as SB01")
]


class MaterialEntry(Part):
    """One paper to bring."""

    name: Words = Field(examples=["身份证"])
    basis: Text = ""
    form: Text = Field(default="", examples=["原件核验"])
    copies: Annotated[Text, BeforeValidator(_count)] = Field(default="", examples=["1"])
    signature: Text = ""
    icon: Slug = Field(default="", examples=["id-card"])


class ItemEntry(Part):
    """One matter; its key in the file is its code. `source` is for those who check: not shown."""

    name: Words = Field(examples=["社会保障卡申领、补换"])
    queue: QueueId = Field(examples=["B"])
    category: Slug = Field(examples=["social"])
    checked: bool = Field(examples=["false"])
    basis: Text = Field(examples=['""'])
    conditions: Text = Field(examples=['""'])
    procedure: Text = Field(examples=['""'])
    limit: Text = Field(examples=["10 个工作日"])
    fee: Text = Field(examples=['""'])
    notes: Text = Field(examples=['""'])
    source: Literal["found", "memory", "found and memory"] | None = Field(
        default=None, examples=["found"]
    )
    materials: tuple[MaterialEntry, ...] = Field(examples=["[{name: 身份证}]"])


class CatalogueFile(Part):
    """The whole of catalogue.yaml. `common_note` is added to the notes of every item."""

    common_note: Text = Field(default="", examples=["代办的，另带委托书。"])
    items: dict[Code, ItemEntry] = Field(examples=["{SB01: {name: …, queue: B, …}}"])
