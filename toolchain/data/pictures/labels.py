"""What a label is: the index of a class, a whole number from 0 and below the number of classes.

The one rule for a CSV's texts, a .npz's numbers and the names of class folders. That labels are
whole numbers from 0 is checked when a source is opened, that their classes exist when the network
is known (`hearth eval`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

MOST_DIGITS = 9


def index(source: str, unit: str, position: object, value: object) -> int:
    """A text or a whole number as class index; `unit` and `position` tell where it stands."""
    if isinstance(value, str | int):
        text = str(value).strip()
        if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
            return int(text)
    text = str(value)
    shown = "nothing" if value is None else f"'{text[:40]}{'...' if len(text) > 40 else ''}'"
    raise HearthError(
        f"{source}: {unit} {position}: the label should be a class index from 0, found {shown}"
    )


def of_array(source: str, values: Array) -> tuple[int, ...]:
    """An integer array, one label per element."""
    return tuple(index(source, "label", i, v) for i, v in enumerate(values.reshape(-1).tolist()))


def check_classes(source: str, labels: Sequence[int], classes: int) -> None:
    """HearthError unless every label is one of `classes` classes."""
    largest = max(labels)
    if largest >= classes:
        raise HearthError(f"{source}: label {largest} does not exist, there are {classes} classes")


def of_folders(
    source: str, groups: Sequence[str], names: Sequence[str], classes: int
) -> tuple[tuple[int, ...], str]:
    """Labels of pictures in class folders, and a sentence about how they were found.

    `groups` names every picture's folder. The folders are called like the build's classes, or are
    numbered, or else are all there and in torchvision's order (ImageFolder: sorted names).
    """
    folders = sorted(set(groups))
    if "" in folders:
        raise HearthError(
            f"{source}: holds pictures outside class folders; give one folder per class, or a CSV"
            " with file,label"
        )
    found, sentence = (
        _by_name(source, folders, names)
        or _by_number(source, folders, classes)
        or _by_order(source, folders, names, classes)
    )
    labels = tuple(found[group] for group in groups)
    check_classes(source, labels, classes)
    return labels, f"{source}: {sentence}"


_Found = tuple[dict[str, int], str]


def _by_name(source: str, folders: Sequence[str], names: Sequence[str]) -> _Found | None:
    meant = {name: classes[0] for name, classes in meanings(names).items() if len(classes) == 1}
    found = {folder: meant[key(folder)] for folder in folders if key(folder) in meant}
    if not found:
        return None
    strange = [folder for folder in folders if folder not in found]
    if strange:
        raise HearthError(
            f"{source}: folder '{strange[0]}' is called like no class of the build, although"
            f" '{next(iter(found))}' is; rename it, or give a CSV with file,label"
        )
    return found, f"{len(found)} class folders, called like the build's classes"


def meanings(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The classes that a key may mean. A name may list synonyms ('tench, Tinca tinca'); whoever is
    called so as a whole comes before those with such a synonym."""
    whole = _classes((key(name), i) for i, name in enumerate(names))
    parts = _classes((key(part), i) for i, name in enumerate(names) for part in name.split(","))
    return {**parts, **whole}


def _classes(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    meant: dict[str, set[int]] = {}
    for name, i in pairs:
        meant.setdefault(name, set()).add(i)
    return {name: tuple(sorted(classes)) for name, classes in meant.items() if name}


def key(name: str) -> str:
    """'Great_white-shark' and 'great white shark' are one name; a slash cannot be in a folder's."""
    return " ".join("".join(c if c.isalnum() else " " for c in name.casefold()).split())


def _by_number(source: str, folders: Sequence[str], classes: int) -> _Found | None:
    if not all(folder.isascii() and folder.isdigit() for folder in folders):
        return None
    found = {folder: index(source, "folder", folder, folder) for folder in folders}
    if len(set(found.values())) < len(found):
        raise HearthError(f"{source}: two class folders are the same number; give a CSV")
    by_order = {folder: i for i, folder in enumerate(folders)}
    if found != by_order and len(folders) == classes:
        odd = next(folder for folder in folders if found[folder] != by_order[folder])
        raise HearthError(
            f"{source}: folder '{odd}' is class {found[odd]} by its number, but class"
            f" {by_order[odd]} in torchvision's order (sorted as text); give a CSV with file,label"
        )
    return found, f"{len(found)} class folders, taken as class numbers"


def _by_order(source: str, folders: Sequence[str], names: Sequence[str], classes: int) -> _Found:
    if len(folders) != classes:
        unknown = "are not called like its classes" if names else "it has no class names"
        raise HearthError(
            f"{source}: {len(folders)} class folders, but the build has {classes} classes and"
            f" {'they ' if names else ''}{unknown}; compile with --class-names, or give a CSV with"
            " file,label"
        )
    found = {folder: i for i, folder in enumerate(folders)}
    return found, (
        f"{len(found)} class folders in sorted order, as torchvision's ImageFolder numbers them:"
        f" 0 is '{folders[0]}', {classes - 1} is '{folders[-1]}'"
    )
