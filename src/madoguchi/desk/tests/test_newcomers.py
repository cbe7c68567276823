"""How answers do by how long ago their writer joined, told of three people or more alone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.delivery.bases import rest_on
from madoguchi.desk.newcomers import Helped, Newcomers, Share, Stretch, newcomers_of
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.kernel import clock
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


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


def test_a_curve_by_joining_and_what_helps_who_is_new(world: World) -> None:
    by = actor_of(world.ours.supervisor)
    with world.ours.scope():
        # given: three who joined twenty days ago, two who joined long before
        article = approved(world.ours.company, by=actor_of(world.ours.company_manager), title="返品の送料")
        version = article.versions.get()
        new = [make_operator_person(world.ours.operator, seats=(world.ours.engagement,)) for _ in range(3)]
        old = [world.ours.agent, world.ours.supervisor]
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

        # then
        found = newcomers_of(by)
        plain = Share(1, 3)
        assert found.curve[0] == Stretch(0, 30, 3, Share(3, 3), plain)
        assert (found.curve[0].every.percent, found.curve[0].told) == (66, True)
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


def test_of_fewer_newcomers_nothing_is_told(world: World) -> None:
    with world.ours.scope():
        for _n in range(4):
            answered(world, world.ours.agent)
        found = newcomers_of(actor_of(world.ours.supervisor))
    assert found.curve[0] == Stretch(0, 30, 1)
    assert (found.plain, found.helped) == (Share(), [])
    assert "表示できるものがありません" in signed_in(world.ours.agent).get(reverse("desk:newcomers")).text
