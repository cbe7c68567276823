"""The pages of what no article says: found, begun as an article in one act, set aside and taken up again."""

from datetime import timedelta

import pytest
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Message
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.gaps.models import Gap, Search
from madoguchi.kernel import clock
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
FIGURES = {"now": 5, "now_of": 40, "before": 1, "before_of": 160, "strength": 14.2}


@pytest.fixture
def gap(world: World) -> Gap:
    with world.ours.scope():
        message = Message.objects.get(case=make_case(world.ours.entry_point, text="クーポンが使えません"))
        return Gap.objects.create(
            company=world.ours.company,
            kind=Gap.Kind.WORD,
            words=["クーポン"],
            figures=FIGURES,
            messages=[message.pk],
            first_at=clock.now() - timedelta(days=3),
            seen_at=clock.now(),
        )


def test_a_gap_says_why_it_was_found_and_becomes_an_article_that_is_written_on(world, gap):
    # given
    agent = signed_in(world.ours.agent)
    page = agent.get(reverse("desk:gaps")).content.decode()
    assert "クーポン" in page
    assert "1週間に40人中5人が使いました。前の4週間は160人中1人です（G² 14.2）。" in page

    # when
    assert "クーポンが使えません" in agent.get(reverse("desk:gap", args=[gap.pk])).content.decode()
    answer = agent.post(reverse("desk:gap_draft", args=[gap.pk]))

    # then
    with world.ours.scope():
        article = Article.objects.get()
        gap.refresh_from_db()
        assert (gap.article_id, gap.state, article.owner_id) == (article.pk, "drafted", world.ours.agent.pk)
    assert answer["Location"] == reverse("desk:article_edit", args=[article.pk])
    late = agent.post(reverse("desk:gap_draft", args=[gap.pk]), follow=True)
    assert "すでに対応されています" in late.content.decode()


def test_what_needs_no_article_is_set_aside_and_taken_up_again(world, gap):
    agent = signed_in(world.ours.agent)
    agent.post(reverse("desk:gap_aside", args=[gap.pk]))
    assert f"gap-{gap.pk}" not in agent.get(reverse("desk:gaps")).content.decode()
    assert f"gap-{gap.pk}" in agent.get(reverse("desk:gaps") + "?state=aside").content.decode()
    agent.post(reverse("desk:gap_again", args=[gap.pk]))
    assert f"gap-{gap.pk}" in agent.get(reverse("desk:gaps")).content.decode()


def test_a_search_is_started_shown_and_stopped(world):
    agent = signed_in(world.ours.agent)
    company = world.ours.company.pk

    # when
    agent.post(reverse("desk:gap_search"), {"company": company})
    with world.ours.scope():
        search = Search.objects.get()
        Search.objects.update(total=200, done=50)

    # then
    page = agent.get(reverse("desk:gaps")).content.decode()
    assert 'value="50" max="200"' in page
    twice = agent.post(reverse("desk:gap_search"), {"company": company}, follow=True)
    assert "すでに検索しています" in twice.content.decode()
    agent.post(reverse("desk:gap_stop", args=[search.pk]))
    with world.ours.scope():
        assert Search.objects.get().state == "cancelled"


def test_strangers_find_nothing_of_it(world, gap):
    stranger = signed_in(world.theirs.agent)
    for name in ("gap_draft", "gap_aside", "gap_again"):
        assert stranger.post(reverse(f"desk:{name}", args=[gap.pk])).status_code == 404
    assert stranger.get(reverse("desk:gap", args=[gap.pk])).status_code == 404
    assert stranger.post(reverse("desk:gap_search"), {"company": world.ours.company.pk}).status_code == 404
    with world.ours.scope():
        gap.refresh_from_db()
        assert (gap.state, Search.objects.exists(), Article.objects.exists()) == ("open", False, False)
