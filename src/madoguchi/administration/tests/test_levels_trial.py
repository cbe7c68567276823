"""Trying service levels on all cases of 90 days, on its page: offered, begun, seen, stopped."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.administration.tests.test_levels import LEVELS, write
from madoguchi.cases.factories import make_case
from madoguchi.people.factories import World
from madoguchi.promises import trial
from madoguchi.promises.long_trial import trial_of, work
from madoguchi.promises.models import LevelsTrial

pytestmark = pytest.mark.django_db
OFFER = 'id="try-all"'


def address(world: World, act: str = "") -> str:
    return reverse(f"administration:levels_trial{act}", args=[world.ours.desk.pk])


def states(world: World) -> list[str]:
    with world.ours.scope():
        return list(LevelsTrial.objects.values_list("state", flat=True))


def test_where_there_are_more_it_is_offered_begun_seen_and_stopped(
    world: World, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        make_case(world.ours.entry_point)
    assert OFFER not in write(world, browser, LEVELS, tries=True).text
    monkeypatch.setattr(trial, "MOST_CASES", 1)
    tried = write(world, browser, LEVELS, tries=True).text
    assert OFFER in tried
    assert f'action="{address(world, "_start")}"' in tried
    assert states(world) == []

    begun = browser.post(address(world, "_start"), {"text": LEVELS}, follow=True).text
    assert ("試行中" in begun, 'hx-trigger="every 1s"' in begun, 'id="stop"' in begun) == (True, True, True)
    # No offer to try it on all within the page that does.
    assert OFFER not in begun
    again = browser.post(address(world, "_start"), {"text": LEVELS}, follow=True).text
    assert "この窓口では別の試行が進行中です。" in again

    with world.ours.scope():
        found = trial_of(world.ours.desk)
    assert found is not None
    work(found.pk, company=found.company_id)
    done = browser.get(address(world)).text
    assert ("すべて試しました" in done, "every 1s" in done, 'id="stop"' in done) == (True, False, False)
    assert "用件2件を調べました。" in done
    cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", done[done.index('<th scope="row">初回返信') :])
    assert cells[1:4] == ["0", "0", "2"]

    browser.post(address(world, "_start"), {"text": LEVELS})
    stopped = browser.post(address(world, "_stop"), follow=True).text
    assert ("中止" in stopped, "every 1s" in stopped) == (True, False)
    assert states(world) == ["cancelled"]


def test_nothing_was_tried_yet_and_what_is_not_right_is_said(world: World, browser: Client) -> None:
    assert "まだ試していません" in browser.get(address(world)).text
    assert browser.post(address(world, "_stop")).status_code == 404
    refused = browser.post(address(world, "_start"), {"text": "{"}, follow=True).text
    assert "1行目: JSONとして読めません" in refused
    assert states(world) == []
