"""The page of calls: whose they are, what became of them, and who may see which number."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from madoguchi.channels.phone.actions import finish
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.desk import calls as calls_module
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.voice.actions import Begun, Over, begin_call
from madoguchi.voice.logic import By, Outcome, Span, Spent
from madoguchi.voice.models import Call

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)


@pytest.fixture
def number(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.PHONE)


def call(number: EntryPoint, outcome: Outcome, *, caller: str = "+819012345678", keys: str = "") -> Call:
    """A call of 1:05 that waited for 0:40."""
    uid = f"{outcome}{caller}"
    with scope.acting_for([number.company_id]):
        begin_call(number, Begun(uid=uid, caller=caller, flow=0, at=NOON))
    waited = Span(Spent.WAIT, NOON, NOON + timedelta(seconds=40))
    end = NOON + timedelta(seconds=65)
    over = Over(
        outcome=outcome, ended_by=By.CALLER, answered_at=NOON, ended_at=end, spans=(waited,), keys=keys
    )
    finish(uid, over, company=number.company_id)
    with scope.acting_for([number.company_id]):
        return Call.objects.get(uid=uid)


def test_a_call_stands_there_with_its_case(agent: Client, number: EntryPoint, world: World) -> None:
    call(number, Outcome.CALL_BACK, keys="1")

    page = agent.get("/calls/").text

    for words in ("090-1234-5678", "折り返し希望", "1:05", "0:40", world.ours.desk.name):
        assert words in page
    case = agent.get("/calls/").context["lines"][0].case
    assert f'<a href="/cases/{case}/">{case}</a>' in page
    shown = agent.get(f"/cases/{case}/").text
    assert "お客様からお電話があり、折り返しをご希望です。" in shown
    assert "<span>電話</span>" in shown


def test_calls_that_we_made_are_told_apart(agent: Client, number: EntryPoint) -> None:
    call(number, Outcome.INFORMED)
    with scope.acting_for([number.company_id]):
        Call.objects.filter(pk=call(number, Outcome.SHORT).pk).update(direction="out", outcome="no_answer")

    page = agent.get("/calls/?kind=out")

    assert [line.call.outcome for line in page.context["lines"]] == ["no_answer"]
    assert '<span class="tag">発信</span>' in page.text
    assert "応答なし" in page.text
    assert '<span class="tag">発信</span>' not in agent.get("/calls/?kind=short").text


def test_calls_are_looked_through_by_what_became_of_them(agent: Client, number: EntryPoint) -> None:
    for outcome in (Outcome.ABANDONED, Outcome.MESSAGE, Outcome.SHORT, Outcome.INFORMED):
        call(number, outcome)

    def shown(kind: str) -> list[str]:
        return [line.call.outcome for line in agent.get(f"/calls/?kind={kind}").context["lines"]]

    assert shown("") == ["informed", "short", "message", "abandoned"]
    assert (shown("missed"), shown("messages"), shown("short")) == (["abandoned"], ["message"], ["short"])
    assert (shown("call_backs"), shown("nonsense")) == ([], shown(""))


def test_calls_stand_in_the_order_in_which_they_came_not_in_which_they_were_written_down(
    agent: Client, number: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that was without the database writes down later what came earlier."""
    monkeypatch.setattr(calls_module, "AT_ONCE", 1)
    made = [call(number, Outcome.SHORT, caller=f"+81901234567{digit}") for digit in range(3)]
    with scope.acting_for([number.company_id]):
        Call.objects.filter(pk=made[2].pk).update(offered_at=NOON - timedelta(minutes=1))

    shown, place = [], ""
    for _page in made:
        context = agent.get("/calls/", {"before": place}).context
        shown += [line.call for line in context["lines"]]
        place = context["next"]

    assert (shown, place) == ([made[1], made[0], made[2]], None)


def test_older_calls_stand_on_the_next_page(
    agent: Client, number: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls_module, "AT_ONCE", 1)
    first, second = call(number, Outcome.SHORT), call(number, Outcome.INFORMED)

    newest = agent.get("/calls/")
    older = agent.get(f"/calls/?before={second.pk}")

    assert f'href="/calls/?before={second.pk}"' in newest.text
    assert [line.call for line in older.context["lines"]] == [first]
    assert older.context["next"] is None


def test_who_withholds_the_number_is_said_to(agent: Client, number: EntryPoint) -> None:
    call(number, Outcome.ABANDONED, caller="")

    assert "非通知" in agent.get("/calls/").text
    assert agent.get("/calls/").context["lines"][0].case == ""


def test_a_number_is_masked_where_the_contract_says_so(
    agent: Client, number: EntryPoint, world: World
) -> None:
    call(number, Outcome.CALL_BACK)
    with scope.everywhere(reason="a test narrows what an operator sees"):
        type(world.ours.engagement).objects.filter(pk=world.ours.engagement.pk).update(masked=["phone"])

    page = agent.get("/calls/").text

    assert "090-1234-5678" not in page
    assert "819012345678" not in page


def test_calls_of_another_company_are_not_there(stranger: Client, number: EntryPoint) -> None:
    call(number, Outcome.CALL_BACK)

    assert stranger.get("/calls/").context["lines"] == []


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "company_staff", "company_manager"])
def test_everybody_who_reads_cases_sees_the_calls(number: EntryPoint, world: World, role: str) -> None:
    call(number, Outcome.CALL_BACK)

    page = signed_in(getattr(world.ours, role)).get("/calls/")

    assert (page.status_code, [line.call.outcome for line in page.context["lines"]]) == (200, ["call_back"])
    assert "no-store" in page["Cache-Control"]


def test_who_is_not_signed_in_is_asked_to_and_sees_nothing(number: EntryPoint) -> None:
    call(number, Outcome.CALL_BACK)

    answer = Client().get("/calls/")

    assert answer.status_code == 302
    assert "819012345678" not in answer.text + answer["Location"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_calls_are_looked_at_and_not_written(agent: Client, number: EntryPoint, method: str) -> None:
    made = call(number, Outcome.SHORT)

    assert getattr(agent, method)("/calls/").status_code == 405
    with scope.acting_for([number.company_id]):
        assert Call.objects.get() == made


@pytest.mark.parametrize(
    ("before", "seen"),
    [
        ("", 1),
        ("0", 1),
        ("999999999999999999", 1),
        ("9999999999999999999", 1),  # more than the database can count to
        ("-1", 1),
        ("1.5", 1),
        ("abc", 1),
        ("１", 1),
        ("²", 1),
    ],
)
def test_a_place_that_is_none_is_the_newest(
    agent: Client, number: EntryPoint, before: str, seen: int
) -> None:
    call(number, Outcome.SHORT)

    page = agent.get("/calls/", {"before": before})

    assert (page.status_code, len(page.context["lines"])) == (200, seen)


def test_a_kind_goes_along_to_the_older_ones(
    agent: Client, number: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls_module, "AT_ONCE", 1)
    call(number, Outcome.ABANDONED)
    second = call(number, Outcome.ABANDONED, caller="+819099999999")

    page = agent.get("/calls/?kind=missed").text
    older = agent.get(f"/calls/?kind=missed&before={second.pk}").text

    assert f'href="/calls/?before={second.pk}&amp;kind=missed"' in page
    assert 'href="/calls/?kind=missed" aria-current="page"' in page
    assert '<a class="button quiet" href="/calls/?kind=missed">' in older


def test_a_call_that_goes_on_stands_there_without_an_end(agent: Client, number: EntryPoint) -> None:
    with scope.acting_for([number.company_id]):
        begin_call(number, Begun(uid="now", caller="+819012345678", flow=0, at=NOON))

    page = agent.get("/calls/")

    [line] = page.context["lines"]
    assert (line.lasted, line.waited, line.case) == ("", "", "")
    assert '<span class="tag">呼び出し中</span>' in page.text


def test_a_case_that_one_may_not_read_is_not_named(agent: Client, number: EntryPoint, world: World) -> None:
    made = call(number, Outcome.CALL_BACK)
    assert agent.get("/calls/").context["lines"][0].case != ""

    with world.ours.scope():
        Call.objects.filter(pk=made.pk).update(message_id=10**9)

    assert agent.get("/calls/").context["lines"][0].case == ""
