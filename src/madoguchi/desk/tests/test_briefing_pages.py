"""Pages of what changed and of praise."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.actions import assign
from madoguchi.cases.factories import make_case
from madoguchi.feedback.models import Briefing, BriefingReading, Praise
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_leader_tells_and_their_people_confirm_at_the_top_of_the_console(world: World) -> None:
    leader, agent = browser(world.ours.supervisor), browser(world.ours.agent)
    given = {"desk": world.ours.desk.pk, "title": "返品の期限が30日になりました", "text": "本日から"}

    refused = leader.post("/briefings/new/", {**given, "title": ""})
    leader.post("/briefings/new/", given)

    assert (refused.status_code, "変更点を一行で入力してください。" in refused.text) == (422, True)
    with world.ours.scope():
        [told] = Briefing.objects.all()
    assert "返品の期限が30日になりました" in agent.get("/briefings/banner/").text
    assert "未確認" in agent.get("/briefings/").text
    assert world.ours.agent.name in leader.get("/briefings/").text
    agent.post(f"/briefings/{told.pk}/read/")
    assert agent.get("/briefings/banner/").text.strip() == ""
    with world.ours.scope():
        assert BriefingReading.objects.get().user_id == world.ours.agent.pk
    # Who has not read it is for who leads them.
    assert world.ours.manager.name not in agent.get("/briefings/").text
    leader.post(f"/briefings/{told.pk}/withdraw/")
    assert "返品の期限が30日になりました" not in agent.get("/briefings/").text


def test_strangers_neither_read_nor_confirm(world: World) -> None:
    browser(world.ours.supervisor).post("/briefings/new/", {"desk": world.ours.desk.pk, "title": "変更"})
    stranger = browser(world.theirs.agent)
    with world.ours.scope():
        told = Briefing.objects.get().pk

    assert "変更" not in stranger.get("/briefings/banner/").text
    assert stranger.post(f"/briefings/{told}/read/").status_code == 404
    with world.ours.scope():
        assert BriefingReading.objects.count() == 0


def test_a_colleague_is_praised_in_a_case_and_reads_it(world: World) -> None:
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        assign(case, to=world.ours.agent.pk, by=actor_of(world.ours.agent))
        address = f"/cases/{case.spoken_number(case.company.prefix)}/praise/"
    leader, agent = browser(world.ours.supervisor), browser(world.ours.agent)

    assert world.ours.agent.name in leader.get(address).text
    refused = leader.post(address, {"to": world.ours.agent.pk, "words": ""})
    leader.post(address, {"to": world.ours.agent.pk, "words": "言葉が温かい"})

    assert refused.status_code == 422
    assert "言葉が温かい" in agent.get("/praise/").text
    assert "言葉が温かい" not in leader.get("/praise/").text
    with world.ours.scope():
        assert Praise.objects.count() == 1


def test_what_a_leader_writes_is_words_and_links_and_no_markup(world: World) -> None:
    text = "<script>alert(1)</script> https://shop.example/returns"
    leader = browser(world.ours.supervisor)

    leader.post("/briefings/new/", {"desk": world.ours.desk.pk, "title": "<b>変更</b>", "text": text})

    page = browser(world.ours.agent).get("/briefings/").text
    assert ("<script>alert" in page, "<b>変更" in page) == (False, False)
    assert '<a href="https://shop.example/returns" rel="nofollow">' in page


@pytest.mark.parametrize("who", ["company_staff", "company_manager"])
def test_a_company_that_directs_nobody_is_told_nothing(world: World, who: str) -> None:
    browser(world.ours.supervisor).post("/briefings/new/", {"desk": world.ours.desk.pk, "title": "変更"})
    company = browser(getattr(world.ours, who))

    answers = [company.get("/briefings/"), company.get("/briefings/new/"), company.get("/praise/")]

    assert all("変更" not in one.text for one in answers)
    assert company.post("/briefings/new/", {"desk": world.ours.desk.pk, "title": "指示"}).status_code == 403
    with world.ours.scope():
        assert [one.title for one in Briefing.objects.all()] == ["変更"]


def test_a_desk_that_one_does_not_lead_is_refused_and_nothing_told(world: World) -> None:
    leader = browser(world.ours.supervisor)

    answer = leader.post("/briefings/new/", {"desk": world.theirs.desk.pk, "title": "変更"})

    assert answer.status_code == 403
    for side in (world.ours, world.theirs):
        with side.scope():
            assert not Briefing.objects.exists()


def test_twenty_briefings_cost_as_much_as_one_and_the_banner_says_how_many(world: World) -> None:
    leader, agent = browser(world.ours.supervisor), browser(world.ours.agent)

    def asked(client: Client) -> int:
        client.get("/briefings/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/briefings/")
        return len(queries)

    leader.post("/briefings/new/", {"desk": world.ours.desk.pk, "title": "変更0"})
    one = (asked(leader), asked(agent))
    for n in range(1, 20):
        leader.post("/briefings/new/", {"desk": world.ours.desk.pk, "title": f"変更{n}"})

    assert (asked(leader), asked(agent)) == one
    banner = agent.get("/briefings/banner/").text
    assert ("変更19" in banner, "変更18" in banner, "20件" in banner) == (True, False, True)
    assert 'hx-get="/briefings/banner/"' in agent.get("/").text
