"""Splitting a case by pages: messages chosen, seen beforehand, done, undone; and all refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Case, Message, Split
from madoguchi.desk.tests.conftest import counted, everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
Now = Callable[[Case], Case]


@pytest.fixture
def second(case: Case) -> Message:
    """The customer comes to something else."""
    return say_again(case, text="別件ですが、鍋の蓋が届きません。")


@pytest.fixture
def ids(world: World, case: Case, second: Message) -> list[int]:
    with world.ours.scope():
        return list(Message.objects.filter(case=case).order_by("at").values_list("pk", flat=True))


def test_the_head_of_a_case_leads_there_once_there_is_something_to_split(
    agent: Client, case: Case, number: str
) -> None:
    before = agent.get(f"/cases/{number}/").content.decode()
    say_again(case)

    page = agent.get(f"/cases/{number}/").content.decode()

    link = f'href="/cases/{number}/split/" data-command'
    assert (before.count(link), page.count(link)) == (0, 1)


def test_all_messages_can_be_chosen_none_is(agent: Client, number: str, ids: list[int]) -> None:
    page = agent.get(f"/cases/{number}/split/").content.decode()

    assert [page.count(f'name="message" value="{id_}"') for id_ in ids] == [1, 1]
    assert "checked" not in page
    assert ('id="bell"' in page, f"<span>{number}</span>" in page) == (True, True)
    assert page.count("autofocus") == 1
    assert "別件ですが、鍋の蓋が届きません。" in page


def test_the_subject_that_is_suggested_has_neither_re_nor_the_old_number(
    agent: Client, number: str, ids: list[int], world: World
) -> None:
    with world.ours.scope():
        Message.objects.filter(pk=ids[1]).update(subject=f"Re: 鍋の蓋 [{number}]")

    page = text(agent.get(f"/cases/{number}/split/", {"message": ids[1]}))

    assert "新しい用件：鍋の蓋<" in page


@pytest.mark.parametrize("moved", [0, 1])
def test_an_answer_in_either_case_goes_to_the_customer_by_itself(
    agent: Client, number: str, ids: list[int], moved: int
) -> None:
    new = agent.post(f"/cases/{number}/split/", {"message": ids[moved]}).url

    for address in (new, f"/cases/{number}/"):
        page = text(agent.get(address))
        assert '<details class="addresses"><summary' in page
        assert 'placeholder="misaki@home.example"' in page


def test_so_it_does_where_no_word_of_theirs_is_left(
    agent: Client, number: str, ids: list[int], world: World
) -> None:
    agent.post(f"/cases/{number}/reply/", {"text": "お調べします。"})
    (answer,) = everything(Message, author="staff")

    new = agent.post(f"/cases/{number}/split/", {"message": answer.pk}).url

    page = text(agent.get(new))
    assert '<details class="addresses"><summary' in page
    assert 'placeholder="misaki@home.example"' in page


def test_the_preview_says_what_would_happen_and_changes_nothing(
    agent: Client, case: Case, number: str, ids: list[int], now: Now
) -> None:
    before = now(case).version

    page = text(agent.get(f"/cases/{number}/split/", {"message": ids[1], "subject": "鍋の蓋"}))

    assert "新しい用件：鍋の蓋" in page
    assert "メッセージ 1 件、ファイル 0 件" in page
    assert "残るメッセージ 1 件" in page
    assert page.count("お客様が返信を待っています") == 2
    assert page.count(f'<input type="hidden" name="message" value="{ids[1]}">') == 1
    assert (now(case).version, everything(Split)) == (before, [])


def test_one_may_choose_again_with_what_was_chosen(agent: Client, number: str, ids: list[int]) -> None:
    asked = {"message": ids[1], "subject": "鍋の蓋", "again": "yes"}

    page = agent.get(f"/cases/{number}/split/", asked).content.decode()

    assert f'name="message" value="{ids[1]}" checked' in page
    assert f'name="message" value="{ids[0]}" checked' not in page
    assert 'value="鍋の蓋"' in page


def test_it_is_done_shown_on_both_sides_and_undone(
    agent: Client, case: Case, number: str, ids: list[int], now: Now
) -> None:
    done = agent.post(f"/cases/{number}/split/", {"message": ids[1], "subject": "鍋の蓋"}, follow=True)

    [split] = everything(Split)
    new = f"{number.partition('-')[0]}-{int(number.partition('-')[2]) + 1}"
    assert done.redirect_chain == [(f"/cases/{new}/", 302)]
    assert [m.case_id for m in everything(Message)] == [case.pk, split.into_id]
    there, here = text(done), text(agent.get(f"/cases/{number}/"))
    assert f"さんが{number}のメッセージ1件をこの用件に分割しました" in there
    assert f'href="/cases/{number}/">{number}</a>' in there
    assert f"さんがメッセージ1件を新しい用件{new}に分割しました" in here
    assert f'href="/cases/{new}/">{new}</a>' in here
    for page in (there, here):
        assert f'action="/splits/{split.pk}/undo/"' in page

    back = agent.post(f"/splits/{split.pk}/undo/", follow=True)

    assert back.redirect_chain == [(f"/cases/{number}/", 302)]
    assert {m.case_id for m in everything(Message)} == {case.pk}
    assert (now(case).status, now(case).message_count) == ("new", 2)
    assert "さんが分割を元に戻しました" in text(back)
    assert f'action="/splits/{split.pk}/undo/"' not in text(back)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ([], "人が書いたメッセージを1つ以上選んでください。"),
        ([0, 1], "人が書いたメッセージを1つ以上残してください。"),
        (["9" * 18], "もうこの用件にありません。"),
        (["x"], "人が書いたメッセージを1つ以上選んでください。"),
    ],
)
def test_what_cannot_be_is_told_and_the_choice_stays(
    agent: Client, case: Case, number: str, ids: list[int], method: str, chosen: list[Any], words: str
) -> None:
    asked = {"message": [ids[c] if isinstance(c, int) else c for c in chosen], "subject": "鍋の蓋"}

    page = getattr(agent, method)(f"/cases/{number}/split/", asked)

    assert page.status_code == 422
    assert words in text(page)
    assert page.content.decode().count(" checked") == len([c for c in chosen if isinstance(c, int)])
    assert everything(Split) == []
    assert {m.case_id for m in everything(Message)} == {case.pk}


def test_who_may_not_change_the_case_cannot(company_staff: Client, number: str, ids: list[int]) -> None:
    assert company_staff.get(f"/cases/{number}/split/").status_code == 403
    assert company_staff.post(f"/cases/{number}/split/", {"message": ids[1]}).status_code == 403
    assert everything(Split) == []


def test_a_stranger_finds_neither_case_nor_split(
    agent: Client, stranger: Client, number: str, ids: list[int]
) -> None:
    agent.post(f"/cases/{number}/split/", {"message": ids[1]})
    [split] = everything(Split)

    assert stranger.post(f"/cases/{number}/split/", {"message": ids[1]}).status_code == 404
    assert stranger.post(f"/splits/{split.pk}/undo/").status_code == 404
    assert everything(Split)[0].undone_at is None


def test_many_messages_cost_no_more_queries_than_two(
    agent: Client, case: Case, number: str, ids: list[int]
) -> None:
    agent.get(f"/cases/{number}/split/")
    with counted() as few:
        agent.get(f"/cases/{number}/split/")
        agent.get(f"/cases/{number}/split/", {"message": ids[1]})
    for _ in range(8):
        say_again(case)
    with counted() as many:
        agent.get(f"/cases/{number}/split/")
        agent.get(f"/cases/{number}/split/", {"message": ids[1]})

    assert len(many) == len(few)
