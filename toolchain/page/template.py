"""Pages from templates: the only module that knows Jinja.

Every text that a template shows is escaped, whatever it holds, and control characters are spelled
out. A page is one file: style and script lie in it, and its policy lets the browser fetch nothing
and run no other script, should a name from a model ever get past the escaping.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hearth.toolchain.support.text import printable

_FOLDER = Path(__file__).parent
"""Templates, style sheets and scripts lie beside this file."""


def filled(template: str, style: str, script: str, **values: Any) -> str:
    """The text of a page. `style` and `script`: texts of ours; `values`: what the template names,
    texts of anybody."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    ours = {"style": Markup(style), "script": Markup(script), "script_digest": digest}
    return _environment().get_template(template).render(**ours, **values)


def part(name: str) -> str:
    """A file beside the templates: a style sheet or a script."""
    return (_FOLDER / name).read_text()


def html(text: str) -> Markup:
    """A text that is HTML already, as a template's value."""
    return Markup(text)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    made.filters |= {"count": _count, "percent": _percent, "kib": _kib}
    return made


def _harmless(value: object) -> object:
    """A text without control characters; what is HTML already, and numbers, as they are."""
    plain = isinstance(value, str) and not isinstance(value, Markup)
    return printable(str(value)) if plain else value


def _count(number: int) -> str:
    return f"{number:,}"


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def _kib(bits: float) -> str:
    """Bits as KiB; what is there is never shown as nothing."""
    size = bits / 8192
    return f"{size:,.1f} KiB" if size >= 0.05 else f"{bits:,.0f} bits"
