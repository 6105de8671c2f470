"""Figures in documents are those that the toolchain gives now, or their command is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hearth.toolchain.quantize.precision import Format
from hearth.toolchain.rtl import rom
from hearth.toolchain.studies import embedded, fingerprints, generated, shapes
from hearth.toolchain.support.errors import HearthError
from tests.places import ROOT

RESULTS = sorted((ROOT / "docs/results").glob("*.md"))
README = ROOT / "README.md"
MEASURED = [path for path in (*RESULTS, README) if fingerprints.held(path.read_text())]


def test_no_generated_table_and_no_picture_is_stale() -> None:
    stale = [str(path.relative_to(ROOT)) for path, _ in generated.stale()]
    assert stale == [], f"run {generated.COMMAND}"


def test_every_block_is_shown_somewhere() -> None:
    documents = generated.documents()
    shown = [name for path in documents for name in generated.blocks(path.read_text())]
    assert set(shown) == set(generated.BLOCKS)


def test_a_changed_figure_is_seen() -> None:
    text = (ROOT / "docs/results/embedded.md").read_text()
    cycles = f"{embedded.design().cycles:,}"
    assert generated.renewed(text, "x") == text
    assert cycles in text
    assert generated.renewed(text.replace(cycles, "47,439"), "x") == text


def test_a_block_that_nobody_makes_is_refused() -> None:
    text = "<!-- of old, by: somebody -->\n<!-- end -->\n"
    with pytest.raises(HearthError, match=r"x\.md: no study makes the block 'of old'"):
        generated.renewed(text, "x.md")


@pytest.mark.parametrize("path", MEASURED, ids=lambda path: path.name)
def test_measured_tables_are_of_this_toolchain(path: Path) -> None:
    """What the document was measured with is what there is now."""
    held = fingerprints.held(path.read_text())
    assert set(held) <= set(fingerprints.FINGERPRINTS)
    now = {name: fingerprints.FINGERPRINTS[name]() for name in held}
    assert now == held, (
        f"{path.name}: measure its tables again with the commands in it, then write the values of"
        " python -m hearth.toolchain.studies.fingerprints into its line 'holds while'"
    )


def test_every_result_is_held_and_names_its_command() -> None:
    commands = re.compile(r"^    (python -m |hearth |make )", re.M)
    for path in RESULTS:
        text = path.read_text()
        assert generated.blocks(text) or path in MEASURED, path.name
        assert generated.blocks(text) or commands.search(text), path.name


def test_figures_of_the_front_page() -> None:
    """The rows of README that follow from the folding of the embedded network, and what v1.1 takes
    when it skips no zeros: how many it has does not follow from its shape."""
    made, large = embedded.design(), next(r for r in shapes.rows() if r[1] == "849")
    ours = {
        "weight and parameter ROM": f"{rom.total_bytes(made.roms):,} bytes",
        "MAC lanes": f"{made.lanes:,}",
        "cycles per frame, model; simulation": f"{made.cycles:,}; the same",
        "lanes at work (MACs / lanes x cycles)": f"{100 * made.utilisation:.1f} %",
    }
    text = README.read_text()
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", text, re.M)
    shown = dict(rows)
    assert {name: shown.get(name) for name in ours} == ours
    assert f"`--dense` multiplies all: {large[2]} cycles" in text.replace("\n", " ")


def test_bytes_of_few_bit_weights() -> None:
    """The columns of docs/results/few_bits.md, and of README, that need no photograph."""
    text = (ROOT / "docs/results/few_bits.md").read_text()
    row = r"^\| (?:int)?(\d)(?:-bit)? (uniform|codebook|nearest) \| ([\d,]+) \| ([\d,]+) \|"
    first = text.split("## Deep Compression")[0]
    found = re.findall(row, first, re.M)
    assert len(found) == 9
    front = re.findall(
        r"^\| (?:int)?(\d)(?:-bit codebooks)? \| ([\d,]+) \|", README.read_text(), re.M
    )
    assert len(front) == 4
    for bits, kind, whole, weights in found:
        given = shapes.weight_bytes(Format(int(bits), kind == "codebook"))
        assert given == (int(whole.replace(",", "")), int(weights.replace(",", "")))
    for bits, whole in front:
        together, _ = shapes.weight_bytes(Format(int(bits), int(bits) < 8))
        assert f"{together:,}" == whole


def test_the_network_of_the_shapes_is_squeezenet() -> None:
    assert shapes.qgraph().macs == 349_151_936  # as of the published file, tests/models
