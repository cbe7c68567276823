"""A fault walked through beside a case by keys, and told in the conversation."""

import pytest
from django.test import Client

from madoguchi.cases.models import Case
from madoguchi.commerce.diagnosing import keep_symptom
from madoguchi.commerce.models import Remedy, Symptom, Trial
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_knowing_pages import main_of
from madoguchi.gaps.models import Gap
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def symptom(world: World) -> Symptom:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        lines = "コンセントの緩み | 差し直す\nヒューズ切れ | 交換する"
        return keep_symptom(world.ours.company, name="電源が入らない", remedies=lines, by=by)


def test_it_is_walked_through_until_it_helps(
    agent: Client, case: Case, number: str, symptom: Symptom
) -> None:
    at = f"/cases/{number}/diagnosis/"
    assert at in text(agent.get(f"/cases/{number}/"))
    assert "電源が入らない" in main_of(agent.get(at, {"q": "電源"}))
    assert "当てはまる症状の登録はありません。" in main_of(agent.get(at, {"q": "水漏れ"}))
    loose, fuse = everything(Remedy)
    said = {"symptom": symptom.pk, "remedy": loose.pk, "result": "failed"}
    assert '<h2 id="step-title">コンセントの緩み</h2>' in main_of(agent.get(at, {"symptom": symptom.pk}))

    second = main_of(agent.post(at, said, follow=True))
    assert '<h2 id="step-title">ヒューズ切れ</h2>' in second
    assert "1回中0回解決（0 %）" in second
    done = main_of(agent.post(at, said | {"remedy": fuse.pk, "result": "helped"}, follow=True))

    assert ("解決しました。" in done, 'id="step-title"' in done) == (True, False)
    assert [(one.case_id, one.result) for one in everything(Trial)] == [
        (case.pk, "failed"),
        (case.pk, "helped"),
    ]
    assert "故障診断「電源が入らない」を案内：ヒューズ切れ、解決した" in text(agent.get(f"/cases/{number}/"))


def test_where_nothing_helps_an_article_is_asked_for(agent: Client, number: str, symptom: Symptom) -> None:
    at = f"/cases/{number}/diagnosis/"
    for remedy in everything(Remedy):
        agent.post(at, {"symptom": symptom.pk, "remedy": remedy.pk, "result": "untried"})
    assert "登録された対処はすべて試しました" in main_of(agent.get(at, {"symptom": symptom.pk}))

    agent.post(at, {"symptom": symptom.pk, "do": "gap"})

    assert [(one.about, one.words) for one in everything(Gap)] == [("diagnosis", ["電源が入らない"])]


def test_nonsense_readers_and_strangers_say_nothing(
    agent: Client, world: World, number: str, symptom: Symptom
) -> None:
    at, remedy = f"/cases/{number}/diagnosis/", everything(Remedy)[0].pk
    said = {"symptom": symptom.pk, "remedy": remedy, "result": "helped"}
    assert agent.post(at, said | {"result": "maybe"}).status_code == 422
    for wrong in ({"symptom": "x"}, {"symptom": symptom.pk + 1}, {"remedy": remedy + 9}):
        assert agent.post(at, said | wrong).status_code == 404
    reader = signed_in(world.ours.company_staff)
    assert 'name="result"' not in main_of(reader.get(at, {"symptom": symptom.pk}))
    assert reader.post(at, said).status_code == 403
    assert signed_in(world.theirs.agent).post(at, said).status_code == 404
    assert everything(Trial) == []
