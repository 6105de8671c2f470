"""Options of a command as dataclasses: one for each group, a field for each option.

A command that takes `size: HardwareSize` gets every field of HardwareSize as an option of its own,
shown in `--help` under the group's title. typer knows functions only, so `spread` gives it one.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, get_args, get_type_hints

import typer


class Group:
    """Base of the dataclasses that hold options."""

    title: ClassVar[str]


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The same command for typer: fields of its `Group` parameters are parameters of their own."""
    hints = get_type_hints(command, include_extras=True)
    kinds = {name: kind for name, kind in hints.items() if _is_group(kind)}
    plain = inspect.signature(command).parameters

    def flat(**given: Any) -> None:
        groups = {
            name: kind(**{field.name: given.pop(field.name) for field in dataclasses.fields(kind)})
            for name, kind in kinds.items()
        }
        command(**groups, **given)

    parameters: list[inspect.Parameter] = []
    for name, parameter in plain.items():
        if name in kinds:
            parameters += _fields(kinds[name])
        else:
            parameters.append(_parameter(name, hints[name], parameter.default))
    flat.__name__, flat.__doc__ = command.__name__, command.__doc__
    flat.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    flat.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return flat


def _is_group(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Group)


def _fields(group: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for field in dataclasses.fields(group):
        kind, info = get_args(hints[field.name])
        shown = copy.copy(info)
        if isinstance(shown, type(typer.Option())):
            shown.rich_help_panel = group.title
        missing = field.default is dataclasses.MISSING
        default = inspect.Parameter.empty if missing else field.default
        yield _parameter(field.name, Annotated[kind, shown], default)


def _parameter(name: str, annotation: object, default: object) -> inspect.Parameter:
    """By keyword, so that a required option may come after one with a default."""
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )
