"""The bell, the list of what one is told, following a case, and what one wishes to be told."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import HTMX, counted, everything
from madoguchi.following.models import Follow, Notification, Wishes
from madoguchi.people.factories import World
from madoguchi.people.models import Seat

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return response.content.decode()


def tell(
    world: World, case: Case, *, count: int = 1, kind: str = "note.added", why: str = "mentioned"
) -> None:
    """The agent is told of some events of the supervisor's."""
    with world.ours.scope():
        known = Notification.objects.count()
        Notification.objects.bulk_create(
            Notification(
                company=world.ours.company,
                user=world.ours.agent,
                case=case,
                event=known + number,
                kind=kind,
                why=why,
                who="森 美咲",
                at=case.opened_at,
            )
            for number in range(count)
        )


def unread() -> list[bool]:
    return [one.read_at is None for one in everything(Notification)]


def bell_in(page: str) -> tuple[str, str]:
    """What the bell says aloud, and its figure."""
    found = re.search(r'id="bell"[^>]*aria-label="([^"]*)".*?</a>', page, re.S)
    figure = re.search(r'<b aria-hidden="true">([^<]*)</b>', page)
    return found[1] if found else "", figure[1] if figure else ""


def test_it_is_told_in_words_and_leads_to_its_case(
    agent: Client, world: World, case: Case, number: str
) -> None:
    tell(world, case)

    page = text(agent.get("/notifications/"))
    assert "森 美咲さんがメモであなたを呼びました" in page
    assert f"{number}</span> 炊飯器について" in page
    [one] = everything(Notification)
    answer = agent.get(f"/notifications/{one.pk}/")

    assert answer.headers["Location"] == f"/cases/{number}/"
    assert unread() == [True], "what is merely asked for, by a preview too, marks nothing"
    assert f'<a href="/notifications/{one.pk}/" data-row data-told>' in page
    agent.post(f"/notifications/{one.pk}/mark/", {"read": "yes"})
    assert unread() == [False]


@pytest.mark.parametrize(
    ("kind", "why", "words"),
    [
        ("case.assigned", "assigned", "森 美咲さんがあなたを担当にしました"),
        ("case.assigned", "followed", "森 美咲さんが担当を変えました"),
        ("case.assigned", "signal", "用件の引き継ぎが2回以上になりました"),
        ("case.opened", "mentioned", "お客様があなたの名前を挙げて感謝しています"),
        ("message.received", "signal", "お客様がこの窓口の担当者の名前を挙げて感謝しています"),
        ("case.changed", "signal", "用件の引き継ぎが2回以上になりました"),
        ("case.status", "followed", "森 美咲さんが状態を変えました"),
        ("message.received", "followed", "お客様から連絡がありました"),
        ("message.written", "followed", "森 美咲さんが返信しました"),
        ("note.added", "followed", "森 美咲さんが社内メモを書きました"),
        ("answer.approval_asked", "asked", "森 美咲さんが返信の承認を求めています"),
        ("answer.approved", "wrote", "森 美咲さんがあなたの返信を承認しました"),
        ("answer.returned", "wrote", "森 美咲さんがあなたの返信をコメント付きで差し戻しました"),
        ("answer.held", "wrote", "あなたの返信は保留になり、送信されませんでした"),
    ],
)
def test_every_kind_has_words(
    agent: Client, world: World, case: Case, kind: str, why: str, words: str
) -> None:
    tell(world, case, kind=kind, why=why)

    assert words in text(agent.get("/notifications/"))


def test_the_bell_is_on_its_own_pages_too(agent: Client, world: World) -> None:
    for address in ("/notifications/", "/notifications/wishes/", "/cases/"):
        assert 'id="bell"' in text(agent.get(address)), address


def test_the_bell_counts_and_stops_counting(agent: Client, world: World, case: Case) -> None:
    assert bell_in(text(agent.get("/notifications/bell/"))) == ("お知らせ", "")
    tell(world, case, count=3)
    assert bell_in(text(agent.get("/notifications/bell/"))) == ("お知らせ（未読 3 件）", "3")
    tell(world, case, count=120)
    assert bell_in(text(agent.get("/notifications/bell/"))) == ("お知らせ（未読 99+ 件）", "99+")


def test_the_browser_says_the_newest_only_to_who_wished_it(
    agent: Client, world: World, case: Case, number: str
) -> None:
    tell(world, case)
    assert 'data-says=""' in text(agent.get("/notifications/bell/?news=1"))

    agent.post("/notifications/wishes/", {"in_browser": "1"})

    assert f'data-says="{number} 森 美咲さんがメモであなたを呼びました"' in text(
        agent.get("/notifications/bell/?news=1")
    )
    assert 'data-says=""' in text(agent.get("/notifications/bell/"))


def test_pages_and_marking(agent: Client, world: World, case: Case) -> None:
    tell(world, case, count=60)

    first = text(agent.get("/notifications/"))
    assert first.count("未読に戻す") == 0
    assert first.count("既読にする</button>") == 51
    older = re.search(r'href="(/notifications/\?before=\d+)" rel="next"', first)
    assert older is not None
    assert text(agent.get(older[1])).count('<li class="card') == 10

    one = everything(Notification)[0]
    agent.post(f"/notifications/{one.pk}/mark/", {"read": "yes"})
    assert unread() == [False, *[True] * 59]
    agent.post(f"/notifications/{one.pk}/mark/", {"read": "no"})
    assert unread() == [True] * 60
    agent.post("/notifications/read/")
    assert unread() == [False] * 60


def test_a_page_of_fifty_costs_no_more_than_one_of_one(agent: Client, world: World, case: Case) -> None:
    tell(world, case)
    agent.get("/notifications/")
    with counted() as one:
        agent.get("/notifications/")
    tell(world, case, count=60)
    with counted() as fifty:
        agent.get("/notifications/")

    assert len(one) == len(fifty), fifty.queries


def test_who_lost_the_case_sees_none_of_the_old(agent: Client, world: World, case: Case, number: str) -> None:
    tell(world, case)
    [one] = everything(Notification)
    with world.ours.scope():
        Seat.objects.filter(member__user=world.ours.agent).delete()

    assert number not in text(agent.get("/notifications/"))
    assert agent.get(f"/notifications/{one.pk}/").status_code in (403, 404)
    assert unread() == [True]


def test_a_colleagues_notification_is_not_ones_own(
    supervisor: Client, world: World, case: Case, number: str
) -> None:
    tell(world, case)
    [one] = everything(Notification)

    assert number not in text(supervisor.get("/notifications/"))
    assert supervisor.get(f"/notifications/{one.pk}/").status_code == 404
    assert supervisor.post(f"/notifications/{one.pk}/mark/", {"read": "yes"}).status_code == 404
    supervisor.post("/notifications/read/")
    assert unread() == [True]


def test_a_case_is_followed_and_left(agent: Client, supervisor: Client, world: World, number: str) -> None:
    assert "この用件をフォローする" in text(agent.get(f"/cases/{number}/"))

    done = agent.post(f"/cases/{number}/follow/", {"follow": "yes"}, headers=HTMX)

    assert "フォローをやめる" in text(done)
    assert [(one.user_id, one.ended_at) for one in everything(Follow)] == [(world.ours.agent.pk, None)]
    assert "ほかにフォロー中: 青木 翔" in text(supervisor.get(f"/cases/{number}/"))
    plain = agent.post(f"/cases/{number}/follow/", {"follow": "no"})
    assert plain.headers["Location"] == f"/cases/{number}/"
    assert everything(Follow)[0].ended_at is not None


def test_a_company_that_must_not_direct_them_learns_no_follower(
    agent: Client, company_staff: Client, number: str
) -> None:
    agent.post(f"/cases/{number}/follow/", {"follow": "yes"})

    assert company_staff.post(f"/cases/{number}/follow/", {"follow": "yes"}).status_code == 403
    assert len(everything(Follow)) == 1
    page = text(company_staff.get(f"/cases/{number}/"))
    # Their bell tells of articles, and of no case.
    assert text(company_staff.get("/notifications/bell/")).count("<b ") == 0
    assert "フォロー" not in page
    assert number not in text(company_staff.get("/notifications/"))


def test_a_strangers_case_is_not_there(stranger: Client, number: str) -> None:
    assert stranger.post(f"/cases/{number}/follow/", {"follow": "yes"}).status_code == 404
    assert everything(Follow) == []


def test_wishes_are_kept(agent: Client, world: World) -> None:
    agent.post("/notifications/wishes/", {"follows_own": "1"})

    said = Wishes.objects.get()
    assert (said.user_id, said.follows_own, said.in_browser) == (world.ours.agent.pk, True, False)
    assert re.findall(r'name="(\w+)" value="1"[^>]*checked', text(agent.get("/notifications/wishes/"))) == [
        "follows_own"
    ]
