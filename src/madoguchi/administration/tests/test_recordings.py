"""The page of how long recordings are kept: nothing goes before it was said how much would."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.voice.queries import recording_days
from madoguchi.voice.tests.test_keeping import recorded


def test_a_term_is_set_once_it_was_said_what_goes(world: World, signed_in: Callable[[User], Client]) -> None:
    company = world.ours.company
    recorded(world.ours, "ab" * 32, days=40)
    browser = signed_in(world.ours.company_manager)
    page = reverse("administration:recording_term", args=[company.pk])

    def kept(*, days: int = 0) -> int | None:
        with world.ours.scope(), clock.held_at(clock.now() + timedelta(days=days)):
            return recording_days([company.pk]).get(company.pk)

    asked = browser.post(page, {"days": "30"})
    assert "1 件の録音が" in asked.content.decode()
    assert kept() is None
    assert browser.post(page, {"days": "20", "sure": "30"}).status_code == 200  # another number than was told
    assert kept() is None
    assert browser.post(page, {"days": "30", "sure": "30"}).status_code == 302
    assert (kept(), kept(days=6), kept(days=7)) == (None, None, 30)
    listed = browser.get(reverse("administration:recordings")).content.decode()
    assert all(words in listed for words in ("通話の記録と同じ間", "30 日", "から"))
    assert "短くする変更を取り消す" in browser.get(page).content.decode()
    assert browser.post(page, {"take_back": "1"}).status_code == 302
    assert kept(days=7) is None
    assert "短くする変更を取り消す" not in browser.get(page).content.decode()

    for wrong in ("0", "3651", "many"):
        assert browser.post(page, {"days": wrong}).status_code == 422
    assert browser.post(page, {"days": "50"}).status_code == 302
    assert kept(days=7) == 50
    assert browser.post(page, {"days": ""}).status_code == 302
    assert kept() is None
