"""Takes the pictures in docs/images from an installation of its own, with sample data, that is gone afterwards."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from tests.servers import chromium  # noqa: E402 - the line above lets it be found

IMAGES = ROOT / "docs" / "images"
MADOGUCHI = [sys.executable, "-P", "-m", "madoguchi.project.cli"]
CASES = 6000
DESK = "ご購入後相談"


@dataclass(frozen=True)
class Picture:
    """One file: the page, the size of the window, and the colours of the system."""

    name: str
    path: str
    width: int = 1440
    height: int = 900
    colours: str = "light"
    signed_in: bool = True
    who: int = 0


PICTURES = [
    Picture("sign-in", "/account/login/", signed_in=False),
    Picture("console", "/cases/{case}/?view=open"),
    Picture("console-dark", "/cases/{case}/?view=open", colours="dark"),
    Picture("console-phone", "/cases/{case}/?view=open", width=390, height=844),
    Picture("administration", "/administration/", who=-1),
]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def installation(data: Path) -> Iterator[dict[str, str]]:
    """An installation that runs while inside; what comes out is its environment."""
    variables = {
        **os.environ,
        "MADOGUCHI_DATA": str(data),
        "MADOGUCHI_PORT": free_port(),
        "MADOGUCHI_SMTP_PORT": free_port(),
        "MADOGUCHI_SAMPLE_CASES": str(CASES),
    }
    running = subprocess.Popen([*MADOGUCHI, "up"], env=variables, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    for line in running.stdout:
        print(line, end="")
        if line.startswith("  Stop"):
            break
    try:
        yield variables
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate()


def take(browser: Browser, address: str, people: list[dict[str, str]], case: str, picture: Picture) -> None:
    context = browser.new_context(
        base_url=address,
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.colours == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if picture.signed_in:
        sign_in(page, people[picture.who])
    page.goto(picture.path.format(case=case))
    page.wait_for_load_state("load")
    page.screenshot(path=IMAGES / f"{picture.name}.png")
    context.close()
    print(f"docs/images/{picture.name}.png")


def sign_in(page: Page, person: dict[str, str]) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", person["email"])
    page.fill("[name=password]", person["password"])
    with page.expect_navigation():
        page.press("[name=password]", "Enter")


def said(variables: dict[str, str], *arguments: str) -> Any:
    """What a command says as JSON."""
    run = subprocess.run([*MADOGUCHI, *arguments], env=variables, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        installation(Path(data)) as variables,
        sync_playwright() as tools,
    ):
        people = said(variables, "user", "samples", "--json")
        open_ones = said(variables, "case", "list", "--desk", DESK, "--status", "open", "--json")
        case = max(open_ones, key=lambda one: one["messages"])["number"]
        browser = tools.chromium.launch(executable_path=chromium.program(), args=chromium.FLAGS)
        for picture in PICTURES:
            take(browser, f"http://127.0.0.1:{variables['MADOGUCHI_PORT']}", people, case, picture)
        browser.close()


if __name__ == "__main__":
    main()
