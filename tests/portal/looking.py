"""A page as axe sees it, at both sizes, light and dark; and a picture of it in build/screenshots."""

import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.portal.site import SIZES, Visitor

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROWEST = {"width": 320, "height": 640}  # WCAG 2.2, 1.4.10
_PICTURED = {("phone", "dark"), ("desktop", "light")}
_MOVING = """[...document.querySelectorAll("*")].filter((one) => {
  const style = getComputedStyle(one);
  return [style.transitionDuration, style.animationDuration].some((times) => /[1-9]/.test(times));
}).length"""


def look(visitor: Visitor, name: str) -> None:
    """It has a title, a language and one main heading; axe finds nothing; it fits and is still."""
    page = visitor.page
    expect(page).to_have_title(re.compile(r"\S"))
    assert page.locator("html").get_attribute("lang")
    assert page.locator("h1").count() == 1, f"{name} has {page.locator('h1').count()} main headings"
    _open_all(page)
    for size in ("phone", "desktop"):
        page.set_viewport_size(SIZES[size])
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = Axe().run(page, options={**RULES, "resultTypes": ["violations"]})
            assert found.violations_count == 0, f"{name}, {size}, {scheme}: {found.generate_report()}"
            if (size, scheme) in _PICTURED:
                page.screenshot(path=_picture(name, size, scheme), full_page=True)
    assert page.evaluate(_MOVING) == 0, f"{name} moves for somebody who wants no motion"
    page.set_viewport_size(NARROWEST)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROWEST["width"], f"{name} is {width} wide"


def _open_all(page: Page) -> None:
    """What is folded away is part of the page."""
    page.evaluate("document.querySelectorAll('details:not([name])').forEach((one) => { one.open = true; })")


def _picture(name: str, size: str, scheme: str) -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    words = re.sub(r"[^a-z]+", "-", re.sub(r"s?/{\w+}", "", name)).strip("-") or "overview"
    return PICTURES / f"{words}-{size}-{scheme}.png"
