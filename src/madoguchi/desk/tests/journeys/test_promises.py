"""A promise taken from the words of an answer comes near its time, is told to be late, and is kept in its new time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.models import Case, Message
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.promises.keeping import tell_due_promises
from madoguchi.promises.models import Promise

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_from_the_words_of_an_answer_to_a_promise_that_is_kept(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    page.keyboard.press("r")
    page.keyboard.type("担当より、3営業日以内にお電話いたします。")
    offered = page.get_by_role("group", name="文面にある約束")
    expect(offered.get_by_label("約束の種類")).to_have_value("call_back")
    page.keyboard.press("Control+i")
    expect(offered.get_by_role("checkbox")).to_be_checked()
    offered.get_by_label("約束の内容").fill("配送の件でお電話")
    page.locator("#reply-text").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#entries")).to_contain_text("3営業日以内にお電話")

    with world.ours.scope():
        [promise] = Promise.objects.all()
        assert (promise.words, promise.owner_id) == ("配送の件でお電話", world.ours.agent.pk)
        Promise.objects.update(next_at=clock.now() - timedelta(minutes=1))
    assert tell_due_promises() == 1

    page = desk("/promises/")
    expect(page.get_by_text("配送の件でお電話")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("link", name="配送の件でお電話").click()
    card = page.locator(f"#promise-{promise.pk}")
    expect(card).to_contain_text("折り返しの電話")
    card.get_by_role("link", name="遅れを伝える").click()
    page.get_by_label("遅れる理由").fill("運送会社の回答を待っています。")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="連絡を送る").click()
    expect(page.locator("#entries")).to_contain_text("理由: 運送会社の回答を待っています。")
    expect(card).to_contain_text("はじめの期限")
    card.get_by_role("button", name="果たした").click()
    expect(card).to_contain_text("完了")

    with world.ours.scope():
        promise.refresh_from_db()
        assert (promise.state, promise.moves, promise.broken_at) == ("kept", 1, None)
        assert promise.due_at > promise.first_due_at
        assert Message.objects.filter(user=world.ours.agent).count() == 2
