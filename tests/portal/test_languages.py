"""English and German: complete, chosen by people or their browsers, and by the same templates."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import portal
from portal.languages import ENGLISH, NAMES, speaking, translated
from portal.languages.catalogs import FOLDER, catalog
from portal.languages.extraction import brought_up_to_date, words
from portal.pages import PAGES
from portal.visit import Needs
from tests.portal.caller import LOCAL, calling
from tests.portal.inside import inside
from tests.portal.site import visitor

SETTINGS = LOCAL
OTHERS = [one for one in NAMES if one != ENGLISH]
VALUE = re.compile(r"%\(\w+\)s|\{\w*\}|</?(?:strong|em|code)>")


@pytest.mark.parametrize("language", OTHERS)
class TestCatalog:
    def test_every_word_is_there_and_no_other(self, language):
        assert {one.id for one in catalog(language) if one.id} == words()

    def test_every_word_is_translated(self, language):
        assert [one.id for one in catalog(language) if one.id and (not one.string or one.fuzzy)] == []

    def test_values_and_emphasis_are_the_same(self, language):
        wrong = [
            one.id
            for one in catalog(language)
            if one.id and sorted(VALUE.findall(one.id)) != sorted(VALUE.findall(one.string))
        ]
        assert wrong == []

    def test_the_file_is_as_the_command_writes_it(self, language):
        assert (FOLDER / f"{language}.po").read_text() == brought_up_to_date(language)


def test_web_09_only_the_templates_own_words_are_taken_for_markup():
    """What Jinja's _() gives isn't escaped, so nothing that comes from elsewhere may go through it."""
    for file in (Path(portal.__file__).parent / "templates").glob("*.html"):
        assert re.findall(r'(?<![a-z])_\((?!")[^)]*\)', file.read_text()) == [], file.name


def test_a_word_without_translation_stays_english():
    with speaking("de"):
        assert translated("Create") == "Erstellen"
        assert translated("A word that nobody has translated") == "A word that nobody has translated"
    assert translated("Create") == "Create"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr,de;q=0.3,en;q=0.2", "de"),
        ("fr", "en"),
        ("de;q=0, en", "en"),
        ("", "en"),
        ("*", "en"),
        ("en; q=0.2, de; q=0.9", "de"),
        ("fr , de ; q=0.8", "de"),
        ("en;Q=0.1,de;Q=0.9", "de"),
        ("x" * 5000 + ",de;q=x", "en"),
        ("../../etc/passwd", "en"),
    ],
)
def test_the_browsers_language_is_spoken(site, wanted, language):
    with calling(site) as anna:
        page = anna.get("/sign-in", **{"Accept-Language": wanted}).text
    assert f'<html lang="{language}">' in page
    assert ("Anmelden" in page) is (language == "de")


def test_a_choice_lasts_and_leads_back(site):
    with calling(site) as anna:
        answer = anna.post("/language", {"language": "de", "to": "/sign-in"})
        assert anna.place(answer) == "/sign-in"
        assert "Anmelden" in anna.get("/sign-in", **{"Accept-Language": "en"}).text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-wicketgate-language=de;")
        assert {"HttpOnly", "Secure"} <= set(cookie.split("; "))


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_web_10_a_choice_leads_to_our_own_pages_alone(site, to):
    with calling(site) as anna:
        assert anna.place(anna.post("/language", {"language": "de", "to": to})) == "/"


def test_another_language_than_ours_is_no_choice(site):
    with calling(site) as anna:
        assert "set-cookie" not in anna.post("/language", {"language": "../de"}).headers


def test_every_page_can_be_german(site, login):
    german = {"Accept-Language": "de"}
    with inside(site, login) as anna:
        for page in PAGES:
            if page.get is not None and page.needs is not Needs.MAIL_PROGRAM and "{" not in page.path:
                answer = anna.get(page.path, **german)
                assert answer.status_code < 500
                if answer.headers.get("content-type", "").startswith("text/html"):
                    assert '<html lang="de">' in answer.text, page.path


def test_what_goes_wrong_is_told_in_german(site):
    with calling(site) as anna:
        anna.client.headers["Accept-Language"] = "de"
        said = anna.sign_in("nobody@example.test", "wrong").text
    assert "Benutzername und Passwort passen nicht zusammen." in said


def test_a_form_that_is_too_old_says_so_in_german(site, login):
    with inside(site, login) as anna:
        anna.client.headers["Accept-Language"] = "de"
        answer = anna.post("/app-passwords/create", {"token": "of another session"})
    assert answer.status_code == 403
    assert answer.text.startswith("Dieses Formular ist zu alt.")


def test_the_first_visit_in_german(site, browser, login):
    with visitor(site, browser, "phone") as anna:
        anna.go("/sign-in")
        anna.page.get_by_role("button", name="Deutsch").click()
        expect(anna.page.get_by_role("heading", name="Anmelden")).to_be_visible()
        expect(anna.page.get_by_label("Benutzername")).to_be_visible()
        anna.page.get_by_role("button", name="English").click()
        expect(anna.page.get_by_role("heading", name="Sign in")).to_be_visible()
