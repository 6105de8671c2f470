"""What `--help` shows: whole lines of 80 columns, options and commands in groups."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer

from hearth.toolchain.cli import main as cli
from hearth.toolchain.cli.groups import Group, spread
from hearth.toolchain.cli.help import Command

COMMANDS = [command.name for command in cli.app.registered_commands]
WIDTH = 80


def shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> list[str]:
    """The lines that a command prints."""
    monkeypatch.setattr(sys, "argv", ["hearth", *words])
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert not caught.value.code
    return capsys.readouterr().out.splitlines()


def titles(lines: list[str]) -> list[str]:
    return [line.rstrip(":") for line in lines if re.fullmatch(r"[A-Z][a-z ]+:", line)]


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)])
def test_nothing_is_cut_or_too_wide(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(monkeypatch, capsys, *words, "--help")
    assert max(map(len, lines)) <= WIDTH
    text = "\n".join(lines)
    assert "…" not in text
    assert not re.search(r"(?<!ARGS)(?<![A-Z\]}])\.\.\.", text)
    assert "\x1b" not in text
    assert "default: (" not in text
    assert "[x>=" not in text
    assert "; x>=" not in text
    assert not re.search(r"[─│╭╰]", text)


def test_every_command_has_its_summary_on_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(monkeypatch, capsys, "--help")
    assert titles(lines) == ["Compile", "Check", "Boards", "Other tools", "Options"]
    for command in cli.app.registered_commands:
        assert command.callback is not None
        summary = (command.callback.__doc__ or "").splitlines()[0].rstrip(".")
        (line,) = (line for line in lines if line.split()[:1] == [command.name])
        assert line.split(maxsplit=1)[1] == summary


def test_options_of_compile_in_groups(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(monkeypatch, capsys, "compile", "--help")
    groups = "Arguments,Network,Quantization,Weights,Hardware size,Output,Options"
    assert titles(lines) == groups.split(",")
    of: dict[str, list[str]] = {}
    for title in titles(lines):
        rest = lines[lines.index(f"{title}:") + 1 :]
        of[title] = [line.strip() for line in rest[: rest.index("")]]
    assert any(line.startswith("--lanes N") for line in of["Hardware size"])
    assert any(line.startswith("--weight-bits") for line in of["Weights"])
    assert [line.split()[0] for line in of["Options"] if line.startswith("-")] == ["-h,"]


@dataclass(frozen=True)
class Colour(Group):
    """Options of the test below."""

    title = "Paint"
    red: Annotated[int, typer.Option(help="How red.")]
    name: Annotated[str, typer.Option("--called", help="How called.")] = "grey"


def test_a_group_is_spread_over_options(capsys: pytest.CaptureFixture[str]) -> None:
    """A required option of a group may follow one that has a default."""

    def paint(size: Annotated[int, typer.Option(help="How large.")] = 2, *, tint: Colour) -> None:
        """Paint it."""
        print(size, tint)

    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(cls=Command)(spread(paint))
    app(["--red", "7"], standalone_mode=False)
    app(["--red", "7", "--called", "x", "--size", "3"], standalone_mode=False)
    with pytest.raises(typer.TyperException, match="Missing parameter: red"):
        app([], standalone_mode=False)
    assert capsys.readouterr().out.splitlines() == [
        "2 Colour(red=7, name='grey')",
        "3 Colour(red=7, name='x')",
    ]
