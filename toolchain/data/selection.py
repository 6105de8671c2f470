"""Which of a model's classes a network keeps, and in what order its results number them.

    --classes FILE      tabby, tabby cat          kept 0   class 281 of the file
                        281 of the file or so     one name or number per line, or a JSON list

A name is read as the names of class folders are: upper case and punctuation do not matter, and a
synonym that no other class has will do (pictures/labels.py). What is not kept is cut off before
anything is quantized (frontend/simplify/outputs.py); labels of photographs are still those of the
whole model, and are translated here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hearth.toolchain.data import class_names, images
from hearth.toolchain.data.images import ImageSet
from hearth.toolchain.data.pictures import labels
from hearth.toolchain.ir import QGraph, golden
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

NOTE = "classes"
"""Under which a QGraph's notes tell of its selection; absent where all classes are kept."""
FEWEST = 2
Entry = tuple[str, str]
"""Where it stands in the file, and what it says."""


@dataclass(frozen=True)
class Selection:
    """Classes of the file, in the order in which the network's results number them."""

    numbers: tuple[int, ...]
    total: int
    """How many classes the file has."""
    names: tuple[str, ...] = ()
    """Of all of the file's classes, or nothing."""

    @classmethod
    def whole(cls, names: Sequence[str], total: int) -> Selection:
        """All classes of the file, as it numbers them."""
        return cls(tuple(range(total)), total, tuple(names))

    @property
    def cut(self) -> bool:
        """Whether results differ from the file's."""
        return self.numbers != tuple(range(self.total))

    @property
    def labels(self) -> tuple[str, ...]:
        """What the kept classes are called; their numbers in the file where it names none."""
        if not self.names and not self.cut:
            return ()
        return tuple(self.names[i] if self.names else str(i) for i in self.numbers)

    def noted(self) -> dict[str, Any]:
        """For the notes of a QGraph; `noted_in` reads it back."""
        return {"numbers": list(self.numbers), "of": self.total, "names": list(self.names)}

    @property
    def place(self) -> dict[int, int]:
        """Number in results by number in the file."""
        return {number: i for i, number in enumerate(self.numbers)}

    def kept(self, chosen: ImageSet) -> ImageSet:
        """The photographs of kept classes, with labels as results number them."""
        place = self.place
        index = [i for i, label in enumerate(chosen.labels) if label in place]
        part = chosen.subset(index)
        return replace(part, labels=tuple(place[label] for label in part.labels))


@dataclass(frozen=True, eq=False)
class Labelled:
    """Photographs with labels as a network's results number them."""

    images: ImageSet
    origin: str
    """A sentence, if labels come from the names of folders."""
    left_out: int
    """Photographs of classes that the network does not keep."""


def read(path: Path, names: Sequence[str], total: int) -> Selection:
    """The classes that a file keeps of `total`, called `names` if they are called anything."""
    found = _entries(path)
    meant = labels.meanings(names)
    places: dict[int, str] = {}
    for where, text in found:
        number = _number(f"{path}: {where}", text, meant, total)
        if number in places:
            raise HearthError(
                f"{path}: {where}: '{text}' is class {number} a second time, after {places[number]}"
            )
        places[number] = where
    if len(places) < FEWEST:
        raise HearthError(f"{path}: keeps one class alone; a network tells {FEWEST} or more apart")
    return Selection(tuple(places), total, tuple(names))


def noted_in(qgraph: QGraph) -> Selection:
    """What a network keeps of its file's classes."""
    note = qgraph.notes.get(NOTE)
    if note is None:
        return Selection.whole(qgraph.labels, golden.classes(qgraph))
    try:
        found = Selection(tuple(note["numbers"]), note["of"], tuple(note["names"]))
        right = len(found.numbers) == golden.classes(qgraph) and all(
            type(i) is int and 0 <= i < found.total for i in found.numbers
        )
        if not right or (found.names and len(found.names) != found.total):
            raise ValueError
    except (LookupError, TypeError, ValueError):
        raise HearthError(
            f"{qgraph.name}: its note of the classes that it keeps is damaged; compile the model"
            " again"
        ) from None
    return found


def labelled(path: Path, qgraph: QGraph) -> Labelled:
    """Labelled photographs for a network. HearthError where none shows a class that it keeps."""
    selection = noted_in(qgraph)
    chosen, origin = images.open_labelled(path, selection.names, selection.total)
    part = selection.kept(chosen)
    if not len(part):
        raise HearthError(
            f"--labels: none of the {len(chosen)} photographs of {path} shows one of the"
            f" {len(selection.numbers)} classes that {qgraph.name} keeps"
        )
    return Labelled(part, origin, len(chosen) - len(part))


def translated(qgraph: QGraph, given: Sequence[int]) -> tuple[int, ...]:
    """Labels as results number them; none where one is of a class that the network has not kept, as
    nothing can be said of such a photograph."""
    place = noted_in(qgraph).place
    known = all(label in place for label in given)
    return tuple(place[label] for label in given) if known else ()


def _entries(path: Path) -> list[Entry]:
    """What a file lists, and where."""
    if path.suffix.lower() == ".json":
        value = reading.json_value(path, class_names.LARGEST)
        if not isinstance(value, list) or not all(type(x) in (str, int) for x in value):
            raise HearthError(f"{path}: a JSON list of class names or numbers is expected")
        listed = [(f"entry {i}", str(entry).strip()) for i, entry in enumerate(value)]
    else:
        lines = class_names.lines(reading.text(path, class_names.LARGEST))
        listed = [(f"line {i}", line.strip()) for i, line in enumerate(lines, 1)]
    found = [(where, text) for where, text in listed if text]
    if not found:
        raise HearthError(f"{path}: keeps no class; one name or number per line is expected")
    return found


def _number(where: str, text: str, meant: Mapping[str, tuple[int, ...]], total: int) -> int:
    """The class that an entry means; a class whose name is a number is not mistaken for another."""
    shown = f"'{text[:60]}{'...' if len(text) > 60 else ''}'"
    found = set(meant.get(labels.key(text), ()))
    digits = text.isascii() and text.isdigit() and len(text) <= labels.MOST_DIGITS
    if digits:
        found.add(int(text))
    if len(found) > 1:
        listed = " or ".join(map(str, sorted(found)[:5]))
        say = "give names that are no numbers with --class-names" if digits else "give the number"
        raise HearthError(f"{where}: {shown} may be class {listed}; {say}")
    if not found:
        why = "the classes have no names, give --class-names" if not meant else "none is called so"
        raise HearthError(f"{where}: no class {shown}: {why}, or a number below {total}")
    (number,) = found
    if number >= total:
        raise HearthError(f"{where}: class {number} does not exist, there are {total} classes")
    return number
