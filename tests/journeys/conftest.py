"""One installation, one Postfix, one Dovecot and one Chromium for all journeys of a run."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.journeys.installation import Installation, installed
from tests.servers.fixtures import door_port, dovecot, postfix

__all__ = ["door_port", "dovecot", "postfix"]


@pytest.fixture(scope="session")
def installation(door_port: int) -> Iterator[Installation]:
    """`madoguchi up`, with Postfix's mail for our domain coming to its door; answers leave after a second."""
    with installed(smtp_port=door_port, MADOGUCHI_UNDO_SECONDS="1", MADOGUCHI_WEB_WORKERS="1") as place:
        yield place


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page on which every script error and every breach of the content policy fails the test."""
    problems: list[str] = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    yield page
    assert problems == []
