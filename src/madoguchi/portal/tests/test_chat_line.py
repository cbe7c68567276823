"""How the chat's script asks when responses, the chat or its WebSocket do not come, by a clock set by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

import madoguchi.portal

pytestmark = pytest.mark.journey
SCRIPTS = Path(madoguchi.portal.__file__).parent / "static/portal/chat"
BASE = "https://support.example"
AGAIN = {"pass": "the pass", "said": [], "writing": False}
Answer = tuple[int, dict[str, Any]] | None


@pytest.fixture
def asked() -> list[tuple[str, dict[str, Any]]]:
    """What the page asked, and with what."""
    return []


@pytest.fixture
def answers() -> list[Answer]:
    """What it is answered, the last one for ever; None for a response that is lost."""
    return [(200, AGAIN)]


@pytest.fixture
def page(browser: Browser, asked: list[Any], answers: list[Answer]) -> Iterator[Page]:
    """A page with a line that has begun nothing, to a desk without WebSockets."""

    def serve(route: Route) -> None:
        url = route.request.url
        if url.endswith(".js"):
            script = (SCRIPTS / url.rsplit("/", 1)[1]).read_text()
            route.fulfill(body=script, content_type="text/javascript")
        elif "/chat/" in url:
            asked.append((url.split("/")[-2], json.loads(route.request.post_data or "{}")))
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer is None:
                route.abort()
            else:
                route.fulfill(status=answer[0], json=answer[1])
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page = browser.new_page()
    page.route("**/*", serve)
    page.route_web_socket("**/live/chat", lambda socket: socket.close())
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.goto(f"{BASE}/")
    page.evaluate(
        """async () => {
            const { Line } = await import("/line.js");
            window.line = new Line({ base: location.origin, at: "shop", language: "ja" });
            line.seen = () => true;
        }"""
    )
    yield page
    page.close()


@pytest.fixture
def begun(page: Page) -> Page:
    page.evaluate("line.keep({ pass: 'the pass' })")
    return page


def test_a_first_word_that_is_sent_again_bears_the_same_secret_until_there_is_a_pass(
    page: Page, asked: list[Any], answers: list[Answer]
) -> None:
    answers[:] = [None, (200, AGAIN)]
    page.evaluate("line.ask('said', { id: 'm1' }).catch(() => null)")
    page.evaluate("line.ask('said', { id: 'm1' })")

    [first, second] = [body["secret"] for _what, body in asked]
    assert first == second
    assert len(first) == 32
    assert page.evaluate("[line.kept.pass, line.kept.secret]") == ["the pass", ""]


def test_an_answer_that_came_is_named_in_the_next_question(
    begun: Page, asked: list[Any], answers: list[Answer]
) -> None:
    answers[:] = [(200, {**AGAIN, "said": [{"id": 7, "ours": True}]}), (200, AGAIN)]
    begun.evaluate("line.look()")

    assert [(body["after"], body["seen"]) for _what, body in asked] == [(0, True), (7, True)]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"error": "not found"}, "the pass"),
        ({"error": "pass", "field": "pass"}, ""),
    ],
    ids=["the chat is away", "the pass is not known"],
)
def test_only_a_pass_that_is_not_known_is_thrown_away(
    begun: Page, answers: list[Answer], answer: dict[str, str], kept: str
) -> None:
    answers[:] = [(404, answer)]
    begun.evaluate("line.look()")

    assert begun.evaluate("line.kept.pass") == kept
    assert begun.evaluate("JSON.parse(localStorage.getItem('madoguchi-chat:shop')).pass") == kept


def test_without_a_websocket_it_asks_every_eight_seconds(begun: Page, asked: list[Any]) -> None:
    begun.evaluate("line.listen()")
    begun.wait_for_function("line.socket === null")
    for round_ in range(1, 8):
        with begun.expect_response("**/talk/"):
            begun.clock.run_for(8000)
        begun.wait_for_function("line.socket === null && line.looking === null")
        assert len(asked) == round_
