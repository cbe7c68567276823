"""Who looks after an article, and who approves, hears what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.bot.events import BotStopped
from madoguchi.following.actions import Told as Wish
from madoguchi.following.actions import wish
from madoguchi.following.models import Notification, Way
from madoguchi.following.queries import notifications_of, unread_count
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.knowledge.actions import Term, add_template, return_template, say_wrong, set_term
from madoguchi.knowledge.actions.falling_due import tell_due
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)


@pytest.fixture
def article(world: World) -> Article:
    """One that the supervisor looks after, approved by the company's manager."""
    with world.ours.scope(), clock.held_at(NOON):
        found = approved(world.ours.company, by=actor_of(world.ours.company_manager), title="返品の期限")
        Article.objects.filter(pk=found.pk).update(owner=world.ours.supervisor)
        found.refresh_from_db()
        return found


@pytest.fixture(autouse=True)
def reader(transactional_db: None) -> None:
    enrol()


def told(world: World, person: User) -> list[tuple[str, str]]:
    with world.ours.scope():
        rows = notifications_of(actor_of(person)).notifications
        return [(one.kind, one.article.title if one.article else "") for one in rows]


def test_owner_and_approver_hear_of_what_was_wrong_and_nobody_else(
    world: World, article: Article, client: Client
) -> None:
    side = world.ours
    with side.scope():
        say_wrong(article, 1, by=actor_of(side.company_manager))

    catch_up("following.tell")

    # then: who said so knows
    assert told(world, side.supervisor) == [("article.wrong", "返品の期限")]
    assert (told(world, side.company_manager), told(world, side.agent)) == ([], [])
    client.force_login(side.supervisor)
    assert "返品の期限" in client.get(reverse("desk:notifications")).text
    with side.scope():
        [one] = Notification.objects.all()
    led = client.get(reverse("desk:notification", args=[one.pk]))
    assert led["Location"] == reverse("desk:article_told", args=[article.pk])


def test_it_is_told_two_weeks_before_and_when_it_is_so_each_once(world: World, article: Article) -> None:
    side, until = world.ours, NOON + timedelta(days=20)
    with side.scope(), clock.held_at(NOON):
        wish(by=actor_of(side.supervisor), follows_own=False, in_browser=False, told=Wish(knowledge=Way.MAIL))
        Article.objects.filter(pk=article.pk).update(review_on=(NOON + timedelta(days=16)).date())
        set_term(article, 1, Term(since=None, until=until), by=actor_of(side.company_manager))

    def told_at(days: int) -> int:
        with clock.held_at(NOON + timedelta(days=days)):
            return tell_due()

    assert [told_at(day) for day in (0, 1, 3, 3, 7, 16, 19, 20, 21)] == [0, 0, 1, 0, 1, 1, 0, 1, 0]

    with side.scope():
        events = Event.objects.filter(kind="article.due").order_by("id").values_list("data__sort", flat=True)
        assert list(events) == ["review_soon", "ends_soon", "review", "ended"]
    catch_up("following.tell")
    assert told(world, side.supervisor) == [("article.due", "返品の期限")] * 4
    with side.scope():
        assert unread_count(actor_of(side.supervisor)) == 4
        assert set(Notification.objects.values_list("way", flat=True)) == {"mail"}


def test_what_nobody_looks_after_is_told_to_who_approves(world: World, article: Article) -> None:
    side = world.ours
    with side.scope():
        Article.objects.filter(pk=article.pk).update(owner=None, review_on=NOON.date())
    with clock.held_at(NOON):
        assert tell_due() == 1
    catch_up("following.tell")
    assert told(world, side.company_manager) == [("article.due", "返品の期限")]
    assert told(world, world.theirs.company_manager) == []


def test_who_leads_the_desk_and_who_approves_hears_of_a_bot_that_stopped(
    world: World, client: Client
) -> None:
    side = world.ours
    with side.scope():
        where = {"company": side.company.pk, "desk": side.desk.pk}
        record(BotStopped(**where, wrong=2, judged=20), by=system("bot"))
    catch_up("following.tell")

    assert told(world, side.supervisor) == [("bot.stopped", "")]
    assert told(world, side.company_manager) == [("bot.stopped", "")]
    assert (told(world, side.agent), told(world, world.theirs.company_manager)) == ([], [])
    with side.scope():
        one = Notification.objects.filter(user=side.supervisor).get()
    client.force_login(side.supervisor)
    assert client.get(reverse("desk:notification", args=[one.pk]))["Location"] == reverse("desk:bot_scores")
    client.force_login(side.agent)
    assert client.get(reverse("desk:notification", args=[one.pk])).status_code == 404


def test_a_template_that_waits_is_told_to_who_approves_and_its_fate_to_its_writer(
    world: World, client: Client
) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        lead = actor_of(side.supervisor)
        template = add_template(side.company, desk=side.desk, name="お礼", body="一", by=lead)
        return_template(template, 1, comment="短く", by=boss)
    catch_up("following.tell")

    assert told(world, side.company_manager) == [("template.proposed", "")]
    assert told(world, side.supervisor) == [("template.returned", "")]
    assert told(world, side.agent) == []
    client.force_login(side.company_manager)
    assert "テンプレートの承認を求めています" in client.get(reverse("desk:notifications")).text
    with side.scope():
        one = Notification.objects.filter(user=side.company_manager).get()
    led = client.get(reverse("desk:notification", args=[one.pk]))["Location"]
    assert led == reverse("administration:templates")
