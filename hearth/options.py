"""Options of `hearth.compile`: those of `hearth compile`, read off its own list of them.

Names, defaults and bounds come from toolchain/cli/compile.py, so the two cannot differ; the types
below say the same to a type checker, and accept what is usual in Python: a path as text, a size as
numbers, a build in place of its folder. tests/api holds names and defaults equal.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypedDict, get_args, get_type_hints

from hearth.classification import File
from hearth.toolchain.cli import compile as command
from hearth.toolchain.cli.groups import Group
from hearth.toolchain.stages import Options
from hearth.toolchain.support.errors import HearthError

_GROUPS: tuple[type[Group], ...] = (
    command.Network,
    command.Ranges,
    command.Weights,
    command.Size,
)


class CompileOptions(TypedDict, total=False):
    """See `hearth.compile`."""

    input_size: int | tuple[int, int] | str | None
    preprocessing: File | None
    class_names: File | None
    classes: File | None
    calibration: File | None
    calibration_limit: int
    range: str
    rom_budget: int | str
    weight_bits: int
    codebook: bool | None
    layer_bits: File | None
    mixed: bool
    max_loss: float | None
    trellis: bool
    keep_codebooks: bool
    keep_zeros: bool
    board: str | None
    lanes: int | None
    cycles: int | None
    fps: float | None
    clock: float | None
    fifo_loss: float | None
    like: File | None
    dense: bool


@dataclass(frozen=True)
class _Option:
    """One option: the field of a group, and how it is called."""

    group: type[Group]
    field: str
    name: str
    flag: str
    kind: Any
    default: Any
    low: float | None
    high: float | None

    def value(self, given: Any) -> Any:
        """As the command line would have it. HearthError for a number out of bounds."""
        if given is None:
            return None
        kinds = {self.kind, *get_args(self.kind)}
        if Path in kinds:
            return Path(given)
        if str in kinds:
            parts = given if isinstance(given, tuple) else (given,)
            return "x".join(os.fspath(p) if isinstance(p, os.PathLike) else str(p) for p in parts)
        within(self.flag, given, self.low, self.high)
        return given


def within(flag: str, given: float, low: float | None, high: float | None = None) -> None:
    """HearthError for a number that is too small or too large."""
    if low is not None and not given >= low:
        raise HearthError(f"{flag} {given}: expects {low} or more")
    if high is not None and not given <= high:
        raise HearthError(f"{flag} {given}: expects {high} at most")


def chosen(model: File, options: Mapping[str, Any]) -> Options:
    """What the compiler wants. HearthError for what cannot be, TypeError for an unknown name."""
    unknown = sorted(options.keys() - _BY_NAME.keys())
    if unknown:
        raise TypeError(f"compile() got an unexpected keyword argument '{unknown[0]}'")
    values: dict[type[Group], dict[str, Any]] = {group: {} for group in _GROUPS}
    values[command.Network]["model"] = Path(model)
    for name, given in options.items():
        option = _BY_NAME[name]
        values[option.group][option.field] = option.value(given)
    return command.chosen(
        command.Network(**values[command.Network]),
        command.Ranges(**values[command.Ranges]),
        command.Weights(**values[command.Weights]),
        command.Size(**values[command.Size]),
    )


def signature(function: Any) -> inspect.Signature:
    """The function's, with every option by name in place of `**options`: for help and editors."""
    own = inspect.signature(function)
    named = inspect.Parameter.KEYWORD_ONLY
    hints = get_type_hints(CompileOptions)
    listed = [
        inspect.Parameter(option.name, named, default=option.default, annotation=hints[option.name])
        for option in _BY_NAME.values()
    ]
    kept = [p for p in own.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    before = [p for p in kept if p.kind is not named]
    after = [p for p in kept if p.kind is named]
    return own.replace(parameters=[*before, *listed, *after])


def _listed() -> Iterator[_Option]:
    """Every option of the groups; what has no default is an argument."""
    for group in _GROUPS:
        hints = get_type_hints(group, include_extras=True)
        for field in fields(group):  # type: ignore[arg-type]
            kind, info = get_args(hints[field.name])
            if field.default is MISSING:
                continue
            # In an annotation, typer keeps the first flag where a default would be.
            flag = f"--{field.name.replace('_', '-')}"
            flag = info.default.split("/")[0] if isinstance(info.default, str) else flag
            name = flag.removeprefix("--").replace("-", "_")
            bounds = (info.min, info.max)
            yield _Option(group, field.name, name, flag, kind, field.default, *bounds)


_BY_NAME = {option.name: option for option in _listed()}
