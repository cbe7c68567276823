"""Opening a help centre, and whether its articles helped."""

import pytest

from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk
from madoguchi.helpcentre import queries
from madoguchi.helpcentre.actions import judge, set_up_help_centre
from madoguchi.helpcentre.models import HelpCentre, Judgement
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.knowledge.factories import approved, rewrite
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ours(world: World) -> object:
    with scope.acting_for([world.ours.company.pk]):
        yield


@pytest.fixture
def company_manager(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def _opened(world: World, by: Actor, **said: object) -> HelpCentre:
    wanted = {"is_open": True, "title": "", "introduction": "", "contact": None, **said}
    return set_up_help_centre(world.ours.company, by=by, **wanted)  # type: ignore[arg-type]


def test_it_is_closed_until_the_company_opens_it(world: World, company_manager: Actor) -> None:
    slug = world.ours.company.slug
    with pytest.raises(NotFound):
        queries.open_centre(slug)

    _opened(world, company_manager, title=" よくある\nご質問 ")

    assert queries.open_centre(slug).title == "よくある ご質問"
    [told] = Event.objects.filter(kind="help_centre.changed")
    assert told.data["changes"] == {"is_open": [False, True], "title": ["", "よくある ご質問"]}


def test_that_of_a_desk_is_open_while_the_desk_is(world: World, company_manager: Actor) -> None:
    desk, company = world.ours.desk, world.ours.company.slug
    _opened(world, company_manager)
    own = _opened(world, company_manager, desk=desk)
    HelpCentre.objects.filter(pk=own.pk).update(host="help.hinata.example", host_proven_at=clock.now())
    name = f"{company}--{desk.pk}"
    assert (queries.open_centre(name), queries.centre_for(desk)) == (own, name)
    assert queries.centre_at("help.hinata.example") == name

    Desk.objects.filter(pk=desk.pk).update(active=False)

    with pytest.raises(NotFound):
        queries.open_centre(name)
    assert (queries.centre_for(desk), queries.centre_at("help.hinata.example")) == (company, "")


def test_who_does_not_approve_articles_does_not_open_it(world: World, agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        _opened(world, agent)

    assert not HelpCentre.objects.exists()


def test_it_leads_to_a_form_of_the_company_alone(world: World, company_manager: Actor) -> None:
    mail = make_entry_point(world.ours.desk, kind=Channel.EMAIL, address="a@hinata.example")
    with scope.acting_for([world.theirs.company.pk]):
        foreign = make_entry_point(world.theirs.desk, kind=Channel.FORM, address="theirs")

    for point in (mail, foreign):
        with pytest.raises(Refused) as refused:
            _opened(world, company_manager, contact=point)
        assert refused.value.field == "contact"

    assert not HelpCentre.objects.exists()


def test_the_last_word_of_a_visitor_counts_once(world: World, company_manager: Actor) -> None:
    article = approved(world.ours.company, by=company_manager)
    version = ArticleVersion.objects.get(article=article)

    for helped in (True, True, False):
        judge(version, helped=helped, visitor="v1")
    judge(version, helped=True, visitor="v2")

    assert sorted(Judgement.objects.values_list("visitor", "helped")) == [("v1", False), ("v2", True)]
    assert Event.objects.filter(kind="article.judged").count() == 3
    [counted] = queries.judged(world.ours.company)
    assert (counted.helped, counted.not_helped) == (1, 1)


def test_new_words_are_found_by_them_and_old_ones_no_more(world: World, company_manager: Actor) -> None:
    centre = _opened(world, company_manager)
    article = approved(world.ours.company, by=company_manager, title="送料", body="北海道は千円です。")
    assert [v.article_id for v in queries.find(queries.readable(centre, "ja"), "北海道")] == [article.pk]

    rewrite(article, "沖縄は千円です。", by=company_manager)

    assert queries.find(queries.readable(centre, "ja"), "北海道") == []
    assert [v.article_id for v in queries.find(queries.readable(centre, "ja"), "沖縄")] == [article.pk]
