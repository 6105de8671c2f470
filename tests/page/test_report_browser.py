"""The report page in a browser: opened, walked through by keys and clicks, on a screen and a phone,
in light and dark, and looked over by axe-core's rules for accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nets import tiny
from tests.page import browser, pages

NAME = '"><script>document.title="taken over"</script>'


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser.launched() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    browser.needed()
    folder = tmp_path_factory.mktemp("page")
    build = pages.made(folder / "build", pages.named(tiny.design(), NAME))
    pages.simulated(build, NAME)
    pages.evaluated(build, NAME)
    pages.written(build, folder / "x.html")
    return folder / "x.html"


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (1100, "dark"), (390, "light")])
def test_looked_over_in_every_dress(width: int, scheme: str, file: Path, opened: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = opened.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(file.as_uri())
    for summary in page.locator("details > summary").all():
        summary.click()
    found = axe.run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_a_kernel_is_opened_by_key_and_by_click(file: Path, opened: Any) -> None:
    page = opened.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text))
    page.on("request", lambda asked: wrong.append(asked.url))
    page.goto(file.as_uri())
    assert NAME in page.title()  # shown, not run
    first = page.locator("#kernel-0")
    assert first.get_attribute("open") is None
    link = page.locator(".wide a[href='#kernel-0']")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.getElementById('kernel-0').open")
    assert page.evaluate("document.activeElement.parentElement.id") == "kernel-0"
    page.keyboard.press("Enter")  # the focused summary closes it
    page.wait_for_function("!document.getElementById('kernel-0').open")
    link.click()
    page.wait_for_function("document.getElementById('kernel-0').open")
    assert first.locator("a[href$='.sv']").count() == 1
    assert [line for line in wrong if not line.startswith(("data:", file.as_uri()))] == []
    page.close()


def test_a_kernels_file_opens(file: Path, opened: Any) -> None:
    page = opened.new_page()
    page.goto(f"{file.as_uri()}#kernel-0")
    page.wait_for_function("document.getElementById('kernel-0').open")
    with page.expect_navigation():
        page.locator("#kernel-0 a[href$='.hex']").first.click()
    assert page.url.startswith(file.parent.as_uri())
    page.close()


def test_no_script_but_ours_would_run(file: Path, tmp_path: Path, opened: Any) -> None:
    """Were a name ever to get past the escaping, the page's policy would still hold."""
    text = file.read_text().replace("</main>", "<script>document.title = 'x'</script></main>")
    (tmp_path / "y.html").write_text(text)
    page = opened.new_page()
    page.goto((tmp_path / "y.html").as_uri())
    assert page.title() != "x"
    page.close()
