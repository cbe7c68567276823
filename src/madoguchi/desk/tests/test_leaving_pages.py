"""The pages of the rehearsal of leaving: begun and stopped by the company, with what was found behind each number."""

import pytest
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.gaps.models import Rehearsal
from madoguchi.kernel import clock
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def test_a_rehearsal_is_begun_shown_and_stopped_by_the_company_alone(world: World) -> None:
    boss, company = signed_in(world.ours.company_manager), world.ours.company.pk
    assert "まだ予行していません" in boss.get(reverse("desk:article_leaving")).text

    # when
    boss.post(reverse("desk:article_leaving_start"), {"company": company})
    with world.ours.scope():
        rehearsal = Rehearsal.objects.get()
        Rehearsal.objects.update(total=200, done=50)

    # then
    assert 'value="50" max="200"' in boss.get(reverse("desk:article_leaving")).text
    twice = boss.post(reverse("desk:article_leaving_start"), {"company": company}, follow=True)
    assert "すでに予行しています" in twice.text
    assert signed_in(world.ours.supervisor).get(reverse("desk:article_leaving")).status_code == 403
    theirs = signed_in(world.theirs.company_manager)
    assert theirs.post(reverse("desk:article_leaving_stop", args=[rehearsal.pk])).status_code == 404
    assert theirs.post(reverse("desk:article_leaving_start"), {"company": company}).status_code == 404
    boss.post(reverse("desk:article_leaving_stop", args=[rehearsal.pk]))
    assert "前回の予行は中止されました" in boss.get(reverse("desk:article_leaving")).text
    with world.ours.scope():
        assert Rehearsal.objects.get().state == "cancelled"


def test_behind_each_number_stand_its_cases(world: World) -> None:
    boss = signed_in(world.ours.company_manager)
    with world.ours.scope():
        article = approved(world.ours.company, by=actor_of(world.ours.company_manager), title="返品の送料")
        found, none = (make_case(world.ours.entry_point, subject=one) for one in ("送料について", "議決権"))
        rehearsal = Rehearsal.objects.create(
            company=world.ours.company,
            state="done",
            total=2,
            done=2,
            unwritten=3,
            cases=[
                [found.pk, "found", article.pk, 82, True, True],
                [none.pk, "none", None, 12, None, False],
            ],
            fresh=[article.pk],
            created_at=clock.now(),
            finished_at=clock.now(),
        )
    page = boss.get(reverse("desk:article_leaving")).text
    for words in (
        "直近30日の2件のうち1件は、記事だけで答えられます",
        "離任可能まで約90日です。80%まであと1件で、直近90日の記事で1件に答えられるようになりました。",
        "確信度が高い1件のうち1件（100%）が的中しました",
        "書かれた言葉なしに始まった3件（電話など）は、試していません",
        "確信度が75%以上で、",
    ):
        assert words in page
    place = reverse("desk:article_leaving_cases", args=[rehearsal.pk])
    told = boss.get(f"{place}?of=found").text
    assert ("送料について" in told, "議決権" in told, "返品の送料" in told) == (True, False, True)
    told = boss.get(f"{place}?of=none&matter=0").text
    assert ("送料について" in told, "議決権" in told) == (False, True)
    assert "該当する用件はありません" in boss.get(f"{place}?of=sure&matter=999999999999999999999").text
    assert signed_in(world.theirs.company_manager).get(place).status_code == 404
