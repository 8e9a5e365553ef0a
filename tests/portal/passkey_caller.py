"""Passkeys by HTTP alone: what the pages ask for, and what is sent to them."""

import html
import json
import re
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.portal.caller import Caller
from tests.portal.soft_passkey import HONEST, Lies, SoftPasskey

REGISTER, SHOW = "/register/passkey", "/second-step/passkey"
_PAGES = {REGISTER: REGISTER, SHOW: "/second-step"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One challenge of one page, and the token of its form."""

    options: dict[str, Any]
    token: str


def asked(caller: Caller, path: str) -> Asked:
    """Load the page that posts to `path`."""
    page = caller.get(_PAGES[path]).text
    options = re.search(r'data-options="([^"]*)"', page)
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert options is not None, page
    assert token is not None, page
    return Asked(json.loads(html.unescape(options[1])), token[1])


def send(caller: Caller, path: str, asked: Asked, answer: str) -> httpx2.Response:
    return caller.post(path, {"token": asked.token, "answer": answer})


def create(caller: Caller, passkey: SoftPasskey, lies: Lies = HONEST) -> httpx2.Response:
    """Register it."""
    page = asked(caller, REGISTER)
    return send(caller, REGISTER, page, passkey.create(page.options, lies))


def show(caller: Caller, passkey: SoftPasskey, lies: Lies = HONEST) -> httpx2.Response:
    """Do the second step with it."""
    page = asked(caller, SHOW)
    return send(caller, SHOW, page, passkey.get(page.options, lies))


def is_in(caller: Caller) -> bool:
    """Whether the second step is behind them."""
    return caller.get("/app-passwords").status_code == 200
