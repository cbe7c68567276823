"""How answers do by how long ago their writer joined, told of three people or more alone, to who leads them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.companies.factories import make_engagement, make_operator
from madoguchi.delivery.bases import rest_on
from madoguchi.desk.newcomers import Helped, Newcomers, Share, Stretch, newcomers_of, tellable
from madoguchi.desk.subject_map import LEAST_PEOPLE
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of


def answered(world: World, by: User, *, days_ago: int = 10, on=None, again: bool = False) -> None:
    case = make_case(world.ours.entry_point, text="お願いします")
    theirs, at = Message.objects.get(case=case), clock.now() - timedelta(days=days_ago)
    Message.objects.filter(pk=theirs.pk).update(at=at - timedelta(hours=1))
    Case.objects.filter(pk=case.pk).update(opened_at=at - timedelta(hours=1))
    told = {"company": case.company, "case": case, "contact": theirs.contact, "text": "まだ届きません。"}
    ours = {"author": Message.Author.STAFF, "user": by, "external_id": f"<{case.pk}@a.example>"}
    said = Message.objects.create(**told, **ours, at=at)
    if on is not None:
        rest_on(said, on)
    if again:
        theirs = {"author": Message.Author.CUSTOMER, "external_id": f"<{case.pk}@b.example>"}
        Message.objects.create(**told, **theirs, at=at + timedelta(days=1))


@pytest.mark.django_db
def test_a_curve_by_joining_and_what_helps_who_is_new(world: World) -> None:
    by = actor_of(world.ours.supervisor)
    with world.ours.scope():
        # given: three who joined twenty days ago, two who joined long before
        article = approved(world.ours.company, by=actor_of(world.ours.company_manager), title="返品の送料")
        version = article.versions.get()
        new = [make_operator_person(world.ours.operator, seats=(world.ours.engagement,)) for _ in range(3)]
        old = [world.ours.agent, make_operator_person(world.ours.operator, seats=(world.ours.engagement,))]
        for people, joined in ((new, 20), (old, 400)):
            pks = [one.pk for one in people]
            User.objects.filter(pk__in=pks).update(date_joined=clock.now() - timedelta(days=joined))

        # when: each of the new ones answers from the article and is right, and from none, which solves one of three
        for n, person in enumerate(new):
            answered(world, person, on=version)
            answered(world, person, again=n > 0)
        for person in old:
            answered(world, person)
        answered(world, new[0], days_ago=6)  # not decided yet
        answered(world, new[0], days_ago=31)  # long ago
        answered(world, world.ours.supervisor)  # the reader's own

        # then
        found = newcomers_of(by)
        plain = Share(1, 3)
        assert found.curve[0] == Stretch(0, 30, 3, Share(4, 6), Share(3, 3), plain)
        assert found.curve[0].every.percent == 66
        assert found.curve[1:] == [
            *(Stretch(since, until, 0) for since, until in ((30, 90), (90, 180), (180, 365))),
            Stretch(365, None, 2),
        ]
        assert found == Newcomers(found.curve, plain, [Helped(article.pk, "返品の送料", Share(3, 3))])
    page = signed_in(world.ours.supervisor).get(reverse("desk:newcomers")).text
    for words in ("100 %", "3名未満は非表示", "3件のうち1件が解決しました"):
        assert words in page
    for person in new:
        assert person.name not in page


@pytest.mark.django_db
def test_of_fewer_newcomers_nothing_is_told(world: World) -> None:
    with world.ours.scope():
        for _n in range(4):
            answered(world, world.ours.agent)
        found = newcomers_of(actor_of(world.ours.supervisor))
    assert found.curve[0] == Stretch(0, 30, 1)
    assert (found.plain, found.helped) == (Share(), [])
    assert (
        "表示できるものがありません" in signed_in(world.ours.supervisor).get(reverse("desk:newcomers")).text
    )


@pytest.mark.django_db
def test_no_figure_is_of_one_person_who_alone_used_articles(world: World) -> None:
    with world.ours.scope():
        # given: four newcomers, of whom one alone used an article, three times; two of a later stretch
        version = approved(world.ours.company, by=actor_of(world.ours.company_manager)).versions.get()
        new = [make_operator_person(world.ours.operator, seats=(world.ours.engagement,)) for _ in range(6)]
        User.objects.filter(pk__in=[one.pk for one in new]).update(
            date_joined=clock.now() - timedelta(days=15)
        )
        later = [one.pk for one in new[4:]]
        User.objects.filter(pk__in=later).update(date_joined=clock.now() - timedelta(days=60))
        for person in new:
            answered(world, person)
        for _n in range(3):
            answered(world, new[0], on=version, again=True)

        # then: neither shares within nor sums over stretches tell of the one or the two
        found = newcomers_of(actor_of(world.ours.supervisor))
        assert found.curve[:2] == [Stretch(0, 30, 4, Share(4, 7)), Stretch(30, 90, 2)]
        assert (found.plain, found.helped) == (Share(), [])
    page = signed_in(world.ours.supervisor).get(reverse("desk:newcomers")).text
    assert page.count("3名未満は非表示") == 3


@pytest.mark.django_db
def test_only_who_leads_them_is_told(world: World) -> None:
    with world.ours.scope():
        # given: three people of another operator at the same desk
        other = make_operator()
        seat = make_engagement(other, world.ours.desk)
        for person in [make_operator_person(other, seats=(seat,)) for _ in range(3)]:
            answered(world, person)
        boss = make_operator_person(other, Role.MANAGER)
        assert newcomers_of(actor_of(boss)).curve[0] == Stretch(0, 30, 3, Share(3, 3), Share(), Share(3, 3))
        assert newcomers_of(actor_of(world.ours.supervisor)).curve[0] == Stretch(0, 30, 0)
    ours = world.ours
    people = (ours.agent, ours.company_staff, ours.company_manager, ours.supervisor, ours.manager)
    at = reverse("desk:newcomers")
    assert [signed_in(one).get(at).status_code for one in people] == [403, 403, 403, 200, 200]
    articles = reverse("desk:articles")
    assert [at in signed_in(one).get(articles).text for one in people] == [False, False, False, True, True]


ANSWERS = st.frozensets(st.integers(0, 15))


@given(
    st.lists(ANSWERS, max_size=6), st.integers(0, 16), st.lists(st.integers(0, 5), min_size=16, max_size=16)
)
def test_no_figure_taken_off_another_leaves_fewer_than_three_people(found, border, people) -> None:
    told = [frozenset(range(border)), frozenset(range(border, 16))]
    groups, person = dict(enumerate(found)), dict(enumerate(people))
    taken = [groups[one] for one in tellable(groups, told, person)]

    left = [one - other for one in (*told, *taken) for other in (*told, *taken) if other and other < one]
    left.append(frozenset(range(16)).difference(*taken) if taken else frozenset())
    for answers in (*taken, *left):
        assert not answers or len({people[one] for one in answers}) >= LEAST_PEOPLE
