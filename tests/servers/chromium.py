"""The browser that journeys drive.

Chromium without its windows, where that is installed, takes a third less work than Chromium.
"""

import shutil

_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def program() -> str:
    """Where it is. Raises LookupError where there is none."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if found is None:
        raise LookupError("Chromium is not installed: sh tools/test-packages.sh")
    return found
