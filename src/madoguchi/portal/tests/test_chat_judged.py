"""At the end of a talk its visitor says how content they are; it stands with the case."""

from datetime import timedelta

import pytest

from madoguchi.administration.audit import words_seen
from madoguchi.cases.actions import change_status
from madoguchi.cases.models import Case, Status
from madoguchi.companies.queries import desks_of
from madoguchi.desk.queries import flow_of
from madoguchi.infra import scope
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.people.queries import actor_of
from madoguchi.portal.tests.conftest import Browser, all_rows, only_case


def solve(by) -> Case:
    case = only_case()
    with scope.acting_for([case.company_id]):
        change_status(case, to=Status.SOLVED, by=by, without_words=True)
    return case


def judgements() -> list[tuple[int, dict[str, list[str]]]]:
    with all_rows():
        events = list(Event.objects.filter(kind="chat.judged").order_by("pk"))
        words = words_of(event.pk for event in events)
        return [(event.data["score"], words.get(event.pk, {})) for event in events]


def may_judge(guest: Browser) -> bool:
    return guest.ask("talk").json()["judge"]


def test_nobody_is_asked_before_the_end(guest):
    guest.say("在庫はありますか。")
    assert not may_judge(guest)
    refused = guest.ask("judged", score=5)
    assert refused.status_code == 409
    assert judgements() == []


def test_what_is_said_at_the_end_is_kept_with_the_case_and_asked_once(guest, agent):
    # given
    guest.say("在庫はありますか。")
    solve(agent)
    assert may_judge(guest)

    # when
    answer = guest.ask("judged", score=4, words="早くて助かりました。")

    # then
    assert (answer.status_code, answer.json()["judge"]) == (200, False)
    assert judgements() == [(4, {"words": ["", "早くて助かりました。"]})]

    # and again it is refused, and what was said stays
    assert guest.ask("judged", score=1).status_code == 409
    assert len(judgements()) == 1


def test_words_need_not_be_given_and_card_numbers_are_kept_of_nobody(guest, agent):
    guest.say("在庫はありますか。")
    solve(agent)
    guest.ask("judged", score=2, words="カード 4111 1111 1111 1111 で払いました。")
    [(score, words)] = judgements()
    assert (score, "4111" in words["words"][1]) == (2, False)


@pytest.mark.parametrize("score", [0, 6, -1, "5", None, 2.5])
def test_what_is_no_score_is_refused(guest, agent, score):
    guest.say("在庫はありますか。")
    solve(agent)
    refused = guest.ask("judged", score=score)
    assert (refused.status_code, refused.json()["field"]) == (422, "score")
    assert refused.json()["error"] == "1から5のどれかを選んでください。"
    assert judgements() == []
    assert may_judge(guest)


def test_after_a_second_end_it_is_asked_again(guest, agent):
    # given
    guest.say("在庫はありますか。")
    solve(agent)
    guest.ask("judged", score=4)

    # when
    guest.say("Mもありますか。", id="m2")
    assert not may_judge(guest)
    solve(agent)

    # then
    assert may_judge(guest)
    guest.ask("judged", score=5)
    assert [score for score, _words in judgements()] == [4, 5]


def test_a_week_later_nobody_is_asked(guest, agent):
    guest.say("在庫はありますか。")
    solve(agent)
    with clock.held_at(clock.now() + timedelta(days=7, seconds=1)):
        assert not may_judge(guest)
        assert guest.ask("judged", score=4).status_code == 409
    assert judgements() == []


def test_nobody_judges_another_visitors_talk(guest, chat, agent):
    guest.say("在庫はありますか。")
    solve(agent)
    neighbour = Browser(chat.address)
    assert neighbour.ask("judged", score=1).status_code == 404
    neighbour.signed = guest.signed[:-2] + "xx"
    assert neighbour.ask("judged", score=1).status_code == 404
    assert judgements() == []


def test_the_case_shows_it(guest, agent):
    # given
    guest.say("在庫はありますか。")
    case = solve(agent)
    guest.ask("judged", score=4, words="早くて助かりました。")

    # when
    with scope.acting_for([case.company_id]):
        case = Case.objects.select_related("company", "desk", "customer", "assignee").get(pk=case.pk)
        flow = flow_of(case, actor=agent, desks=desks_of(agent))

    # then
    assert [entry.words for entry in flow.entries if entry.kind == "event"][-1] == (
        "お客様の満足度：5点中4点「早くて助かりました。」"
    )


def test_in_the_log_only_who_reads_cases_reads_the_words(guest, agent, world):
    guest.say("在庫はありますか。")
    case = solve(agent)
    guest.ask("judged", score=4, words="早くて助かりました。")
    with all_rows():
        events = list(Event.objects.filter(kind="chat.judged"))
        administrator = actor_of(world.administrator)
        assert words_seen(events, agent) == {events[0].pk: {"words": ["", "早くて助かりました。"]}}
        assert words_seen(events, administrator) == {}
    assert case.pk == events[0].case_id
