"""Names from a model become harmless identifiers; text of instances."""

import re

from hypothesis import given
from hypothesis import strategies as st

from hearth.toolchain.rtl.verilog import identifier, instance

HOSTILE = [
    'a"; $finish; //',
    "$(reboot)",
    "line\nbreak",
    "../../etc",
    "module",
    "",
    "9lives",
    "é",
    "__",
]


def test_hostile_names() -> None:
    taken: set[str] = set()
    names = [identifier(name, taken) for name in HOSTILE]
    assert names == [
        "hearth_layer_a_finish",
        "hearth_layer_reboot",
        "hearth_layer_line_break",
        "hearth_layer_etc",
        "hearth_layer_module",
        "hearth_layer_unnamed",
        "hearth_layer_9lives",
        "hearth_layer_unnamed_2",
        "hearth_layer_unnamed_3",
    ]


@given(st.lists(st.text(), max_size=20))
def test_identifiers_are_legal_and_unique(names: list[str]) -> None:
    taken: set[str] = set()
    made = [identifier(name, taken) for name in names]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"hearth_layer(_[a-z0-9]+)+", name) and len(name) < 64 for name in made)


def test_instance() -> None:
    text = instance("hearth_fifo", "u_fifo", {"Depth": 2, "File": "a.hex"}, {"clk": "", "s": "x"})
    assert text == (
        '  hearth_fifo #(\n    .Depth(2),\n    .File("a.hex")\n  ) u_fifo ('
        "\n    .clk,\n    .s(x)\n  );\n"
    )
