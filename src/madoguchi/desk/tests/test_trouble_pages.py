"""Signals, incidents, grave words and complaints on the console: raised by hand, listed, settled; who may do what."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Message, Priority
from madoguchi.commerce.factories import make_variant
from madoguchi.complaints.models import Complaint
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.desk.trouble import why_suspected
from madoguchi.escalations.tests.conftest import HOUR, NINE
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.actions import Seen, raise_signal
from madoguchi.signals.grave import look_for_grave_words
from madoguchi.signals.models import Grave, Incident, Signal

pytestmark = pytest.mark.django_db


def at(client: Client, moment: Any, path: str, /, **form: str) -> Any:
    with clock.held_at(moment):
        return client.post(path, form) if form else client.get(path)


def piled_up(world: World, case: Case) -> Incident:
    with world.ours.scope(), clock.held_at(NINE):
        for _ in range(3):
            raise_signal(case, Seen(kind="site", words="画面が遅い"), by=actor_of(world.ours.agent))
        return Incident.objects.get()


@pytest.fixture
def grave(world: World, case: Case) -> Grave:
    """The customer speaks of a lawyer."""
    with world.ours.scope(), clock.held_at(NINE):
        message = Message.objects.get(case=case)
        Message.objects.filter(pk=message.pk).update(text="弁護士に相談します。", new_text="", at=NINE)
        found = look_for_grave_words(message.pk)
    assert found is not None
    return found


def complaint(**said: str) -> dict[str, str]:
    values = {"facts": "蓋が割れていた", "demand": "交換", "manner": "穏やか", "severity": "2"}
    return values | {"due": "2026-12-01T15:00"} | said


class TestSignals:
    def test_one_is_raised_at_the_case_and_taken_back(self, number: str, agent: Client) -> None:
        assert "signal-words" in at(agent, NINE, f"/cases/{number}/raised/?form=signal").text
        with clock.held_at(NINE):
            shown = agent.post(
                f"/cases/{number}/signal/", {"words": "画面が遅い", "kind": "site"}, headers=HTMX
            )
        [signal] = everything(Signal)
        assert (signal.words, signal.kind) == ("画面が遅い", "site")
        assert "画面が遅い" in shown.text

        at(agent, NINE, f"/signals/{signal.pk}/drop/", x="1")

        assert everything(Signal)[0].withdrawn_at == NINE
        assert "画面が遅い" not in at(agent, NINE, f"/cases/{number}/raised/").text

    def test_what_was_typed_stays_when_it_is_refused(self, number: str, agent: Client) -> None:
        with clock.held_at(NINE):
            shown = agent.post(f"/cases/{number}/signal/", {"words": "遅い", "kind": "x"}, headers=HTMX)

        assert (shown.status_code, 'value="遅い"' in shown.text) == (422, True)
        assert everything(Signal) == []

    def test_a_company_and_a_stranger_raise_none(
        self, number: str, company_staff: Client, stranger: Client
    ) -> None:
        said = {"words": "急いで", "kind": "site"}

        assert at(company_staff, NINE, f"/cases/{number}/signal/", **said).status_code == 403
        assert at(stranger, NINE, f"/cases/{number}/signal/", **said).status_code == 404
        assert everything(Signal) == []

    def test_nobody_takes_back_anothers(
        self, world: World, case: Case, agent: Client, supervisor: Client
    ) -> None:
        piled_up(world, case)
        [first, *_rest] = everything(Signal)

        assert at(supervisor, NINE, f"/signals/{first.pk}/drop/", x="1").status_code == 403
        assert everything(Signal)[0].withdrawn_at is None


class TestIncidents:
    def test_it_is_listed_with_its_cases_taken_up_and_dismissed(
        self, world: World, case: Case, number: str, supervisor: Client
    ) -> None:
        incident = piled_up(world, case)
        assert "兆候 3 件" in at(supervisor, NINE, "/signals/").text
        page = at(supervisor, NINE, f"/incidents/{incident.pk}/")
        assert page.text.count(f'href="/cases/{number}/"') == 3

        at(supervisor, NINE, f"/incidents/{incident.pk}/", state="taken")
        assert everything(Incident)[0].state == "taken"
        refused = at(supervisor, NINE, f"/incidents/{incident.pk}/", state="dismissed", reason="")
        assert (refused.status_code, everything(Incident)[0].state) == (422, "taken")
        at(supervisor, NINE, f"/incidents/{incident.pk}/", state="dismissed", reason="回線の不調")

        assert (everything(Incident)[0].state, everything(Incident)[0].reason) == ("dismissed", "回線の不調")
        assert "うち空振り 1 件" in at(supervisor, NINE + HOUR, "/signals/").text

    def test_only_supervisors_settle_it_and_strangers_find_none(
        self, world: World, case: Case, agent: Client, company_staff: Client, stranger: Client
    ) -> None:
        address = f"/incidents/{piled_up(world, case).pk}/"

        assert "対応を始める" not in at(agent, NINE, address).text
        for client, answer in ((agent, 403), (company_staff, 403), (stranger, 404)):
            assert at(client, NINE, address, state="taken").status_code == answer
        assert at(company_staff, NINE, address).status_code == 200
        assert at(stranger, NINE, "/signals/").context["page"].object_list == []
        assert everything(Incident)[0].state == "open"


class TestGraveWords:
    def test_the_words_are_shown_and_put_back_with_a_reason(
        self, world: World, case: Case, number: str, grave: Grave, agent: Client
    ) -> None:
        shown = at(agent, NINE, f"/cases/{number}/raised/").text
        assert "<mark>弁護士</mark>" in shown
        told = at(agent, NINE, f"/cases/{number}/").text
        assert "重大な言葉が見つかりました: 弁護士" in told
        assert "重大語の検知が優先度を" in told
        assert "grave words" not in told

        refused = at(agent, NINE, f"/grave/{grave.pk}/not/", reason=" ")
        assert (refused.status_code, everything(Grave)[0].dismissed_at) == (422, None)
        at(agent, NINE, f"/grave/{grave.pk}/not/", reason="お仕事の話")

        with scope.acting_for([case.company_id]):
            case.refresh_from_db()
        assert (case.priority, case.tags) == (Priority.NORMAL, [])
        assert "お仕事の話" in at(agent, NINE, "/signals/?which=grave").text

    def test_others_put_nothing_back(self, grave: Grave, company_staff: Client, stranger: Client) -> None:
        for client, answer in ((company_staff, 403), (stranger, 404)):
            assert at(client, NINE, f"/grave/{grave.pk}/not/", reason="x").status_code == answer
        assert everything(Grave)[0].dismissed_at is None


class TestComplaints:
    def test_it_is_written_down_changed_closed_and_opened_again(
        self, world: World, number: str, agent: Client
    ) -> None:
        assert at(agent, NINE, f"/cases/{number}/complaint/").status_code == 200
        at(agent, NINE, f"/cases/{number}/complaint/", **complaint())
        [one] = everything(Complaint)
        assert (one.facts, one.demand, one.manner, one.severity) == ("蓋が割れていた", "交換", "穏やか", 2)
        address = f"/complaints/{one.pk}/"
        assert "蓋が割れていた" in at(agent, NINE, f"/cases/{number}/raised/").text

        missing = at(agent, NINE, f"{address}close/", **complaint(version="1"))
        assert (missing.status_code, everything(Complaint)[0].state) == (422, "open")
        full = complaint(
            corrective="梱包を変える", answer="交換品を送る", responsible=str(world.ours.agent.pk)
        )
        at(agent, NINE, f"{address}close/", **full, version=str(everything(Complaint)[0].version))
        assert everything(Complaint)[0].state == "closed"
        assert "梱包を変える" in at(agent, NINE, address).text
        at(agent, NINE, f"{address}reopen/", x="1")

        assert everything(Complaint)[0].state == "open"

    def test_what_was_typed_stays_when_it_is_refused(self, number: str, agent: Client) -> None:
        blank = agent.get(f"/cases/{number}/complaint/").text
        assert blank.count('<span class="need">必須</span>') == 3

        shown = at(agent, NINE, f"/cases/{number}/complaint/", **complaint(severity=""))

        assert (shown.status_code, "蓋が割れていた" in shown.text) == (422, True)
        assert everything(Complaint) == []

    def test_all_that_is_wrong_stands_at_its_fields_at_once(self, number: str, agent: Client) -> None:
        wrong = complaint(facts="", severity="", due="2026-11-30T15:00")
        shown = at(agent, NINE, f"/cases/{number}/complaint/", **wrong).text

        assert re.findall(r'id="(c-[a-z]+)"[^>]*aria-invalid="true"', shown) == [
            "c-facts",
            "c-severity",
            "c-due",
        ]
        assert re.findall(r'id="(c-[a-z]+)"[^>]* autofocus', shown) == ["c-facts"]
        assert shown.count('class="error"') == 3
        assert everything(Complaint) == []

    def test_one_that_cannot_be_closed_yet_is_gone_on_with(
        self, world: World, number: str, agent: Client
    ) -> None:
        at(agent, NINE, f"/cases/{number}/complaint/", **complaint())
        address = f"/complaints/{everything(Complaint)[0].pk}/close/"
        begun = complaint(version="1", corrective="梱包を変える")

        shown = at(agent, NINE, address, **begun).text
        assert re.findall(r'id="(c-[a-z]+)"[^>]*aria-invalid="true"', shown) == ["c-responsible", "c-answer"]
        assert "梱包を変える" in shown
        [version] = re.findall(r'name="version" value="(\d+)"', shown)
        full = {"answer": "交換品を送る", "responsible": str(world.ours.agent.pk), "version": version}
        assert at(agent, NINE, address, **begun | full).status_code == 302

        [one] = everything(Complaint)
        assert (one.state, one.corrective, one.answer) == ("closed", "梱包を変える", "交換品を送る")

    def test_two_who_write_learn_of_each_other(self, number: str, agent: Client, supervisor: Client) -> None:
        at(agent, NINE, f"/cases/{number}/complaint/", **complaint())
        [one] = everything(Complaint)
        at(supervisor, NINE, f"/complaints/{one.pk}/change/", **complaint(demand="返金", version="1"))

        late = at(agent, NINE, f"/complaints/{one.pk}/change/", **complaint(demand="両方", version="1"))

        assert (late.status_code, "両方" in late.text) == (422, True)
        assert everything(Complaint)[0].demand == "返金"

    def test_lists(self, number: str, agent: Client, stranger: Client) -> None:
        at(agent, NINE, f"/cases/{number}/complaint/", **complaint(severity="3"))
        found = {
            which: len(at(agent, NINE + 7 * HOUR, f"/complaints/?which={which}").context["lines"])
            for which in ("open", "late", "grave", "closed")
        }

        assert found == {"open": 1, "late": 1, "grave": 1, "closed": 0}
        assert at(stranger, NINE, "/complaints/").context["lines"] == []

    def test_the_company_reads_and_writes_none(
        self, number: str, agent: Client, company_staff: Client, stranger: Client
    ) -> None:
        at(agent, NINE, f"/cases/{number}/complaint/", **complaint())
        address = f"/complaints/{everything(Complaint)[0].pk}/"

        assert "蓋が割れていた" in at(company_staff, NINE, address).text
        assert at(company_staff, NINE, f"{address}change/", **complaint(demand="x")).status_code == 403
        assert at(company_staff, NINE, f"/cases/{number}/complaint/", **complaint()).status_code == 403
        assert at(stranger, NINE, address).status_code == 404
        assert [one.demand for one in everything(Complaint)] == ["交換"]


def test_a_defect_is_reported_by_code_and_lot_listed_and_suspected(
    world: World, case: Case, number: str, agent: Client, supervisor: Client
) -> None:
    make_variant(world.ours.company, code="NB-01", name="南部鉄瓶")
    said = {"words": "取っ手が外れる", "kind": "product", "lot": "a7", "serial": "0012"}
    refused = at(agent, NINE, f"/cases/{number}/signal/", **said, product="鍋")
    assert (refused.status_code, everything(Signal)) == (422, [])
    assert 'value="a7"' in refused.text
    assert '<option value="NB-01">南部鉄瓶</option>' in refused.text

    for hours in range(3):
        at(agent, NINE + hours * HOUR, f"/cases/{number}/signal/", **said, product="nb-01")

    assert [(one.lot, one.serial) for one in everything(Signal)] == [("A7", "0012")] * 3
    found = at(supervisor, NINE + 3 * HOUR, "/signals/?which=defects&q=A7").text
    assert found.count("南部鉄瓶 · ロット A7 · シリアル番号 0012") == 3
    assert "南部鉄瓶" not in at(supervisor, NINE + 3 * HOUR, "/signals/?which=defects&q=B1").text
    [incident] = everything(Incident)
    shown = at(supervisor, NINE + 3 * HOUR, f"/incidents/{incident.pk}/").text
    assert "リコールの疑い" in shown
    assert "30日間に申し出3件（その前の30日間は0件）、1年間の販売数0個、ロット A7 が3件" in shown


def test_a_suspicion_says_the_defect_rate_of_its_lot_where_its_pieces_are_known() -> None:
    figures = {"reports": 4, "before": 0, "sold": 94, "lot": "A1", "of_lot": 4}

    assert why_suspected(figures).endswith("1,000個あたり42.6件、ロット A1 が4件")
    known = why_suspected(figures | {"lot_sold": 92})
    assert known.endswith("ロット A1 が4件（販売の分かる92個に対し、1,000個あたり43.5件）")
