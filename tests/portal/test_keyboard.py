"""By the keyboard alone: each thing is reached by Tab, is seen to have the focus, and works by Enter."""

import pyotp
from playwright.sync_api import expect

from tests.portal.inside import MAIL, let_in
from tests.portal.site import MAIN, Visitor, visitor

SETTINGS = MAIL
# What has the focus, as a screen reader would call it, and how wide the line around it is.
_NAME = """() => { const one = document.activeElement;
  if (one === document.body) return "";
  return (one.getAttribute("aria-label") || (one.labels?.[0] ?? one).innerText).trim();
}"""
_OUTLINE = """() => { const style = getComputedStyle(document.activeElement);
  return style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth); }"""


def test_the_first_visit_goes_by_the_keyboard_alone(site, browser, login):
    with visitor(site, browser) as anna:
        keyboard = anna.page.keyboard
        anna.go("/sign-in")
        type_into(anna, "User name", login)
        type_into(anna, "Password", MAIN)
        keyboard.press("Enter")
        anna.page.wait_for_url("**/register")
        press(anna, "Authenticator app")
        anna.page.wait_for_url("**/register/authenticator")
        press(anna, "I can't scan it")
        secret = anna.page.locator(".key").inner_text().replace(" ", "")
        type_into(anna, "Code", pyotp.TOTP(secret).now())
        keyboard.press("Enter")
        expect(anna.page.get_by_role("heading", level=1)).to_have_text("Save your recovery codes")
        press(anna, "I saved them.")
        anna.page.wait_for_url("**/app-passwords/create")
        type_into(anna, "Name", "Outlook on my laptop")
        press(anna, "Create")
        expect(anna.page.get_by_role("heading", level=1)).to_have_text("Your app password")
        tab_to(anna, "Copy")
        press(anna, "Done")
        expect(anna.page.get_by_role("heading", level=1)).to_contain_text("App passwords")


def test_an_app_password_is_deleted_by_the_keyboard_alone(site, browser, login):
    site.people.give(login, name="Old phone")
    with visitor(site, browser) as anna:
        let_in(anna, login)
        press(anna, "Delete Old phone")
        anna.page.wait_for_url("**/app-passwords/delete?**")
        press(anna, "Yes")
        expect(anna.page.get_by_text("Old phone")).to_have_count(0)


def test_the_first_tab_leads_past_what_is_on_every_page(site, browser, login):
    with visitor(site, browser) as anna:
        let_in(anna, login)
        anna.page.keyboard.press("Tab")
        assert anna.page.evaluate(_NAME) == "Skip to the content"
        anna.page.keyboard.press("Enter")
        assert anna.page.evaluate("document.activeElement.id") == "content"


def type_into(visitor: Visitor, name: str, text: str) -> None:
    tab_to(visitor, name)
    visitor.page.keyboard.press("Control+A")
    visitor.page.keyboard.type(text)


def press(visitor: Visitor, name: str) -> None:
    tab_to(visitor, name)
    visitor.page.keyboard.press("Enter")


def tab_to(visitor: Visitor, name: str) -> None:
    """Press Tab until what has this name has the focus and shows it, which it may do at once."""
    met = []
    for _ in range(40):
        met.append(visitor.page.evaluate(_NAME))
        if met[-1].startswith(name):
            assert visitor.page.evaluate(_OUTLINE) >= 2, f"nobody sees that {name} has the focus"
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}, only to {met}")
