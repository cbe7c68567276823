"""Shifts: written by who leads, seen by who works them, minded by what gives work out, and named on the wall."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.companies.factories import make_operator
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import actor_of
from madoguchi.promises.tests.living import NINE
from madoguchi.routing.actions import push, set_presence, still_here
from madoguchi.routing.models import Sharing, Shift, Worker
from madoguchi.routing.rosters import days_named, lines_of
from madoguchi.routing.shifts import off_duty, on_shift, roster_of, set_shifts, take_file
from madoguchi.routing.sweeping import sweep
from madoguchi.voice.phones import set_ready, take_phone

pytestmark = pytest.mark.django_db
USUAL = "月-金 9:00-12:00, 13:00-18:00"
HOUR = timedelta(hours=1)


@pytest.fixture
def member(world: World) -> OperatorMember:
    return OperatorMember.objects.get(user=world.ours.agent)


@pytest.fixture
def shift(world: World, member: OperatorMember) -> Iterator[OperatorMember]:
    with world.ours.scope(), clock.held_at(NINE):
        set_shifts(member, text=USUAL, by=actor_of(world.ours.supervisor))
        yield member


@pytest.fixture
def supervisor(world: World) -> Client:
    return signed_in(world.ours.supervisor)


def kept() -> list[tuple[list[list[str]], dict[str, list[str]]]]:
    return [(one.week, one.days) for one in Shift.objects.all()]


def test_who_leads_writes_them_and_nobody_loses_what_another_wrote(
    supervisor: Client, member: OperatorMember
) -> None:
    page = reverse("desk:shift", args=[member.pk])
    seen = supervisor.get(page).context["form"]["seen"].value()
    with clock.held_at(NINE):
        done = supervisor.post(page, {"shifts": f"{USUAL}\n2026-12-31 休\n2026-01-05 休", "seen": seen})
        late = supervisor.post(page, {"shifts": "土 9:00-12:00", "seen": seen})
        wrong = supervisor.post(page, {"shifts": "月曜は朝から"})

    day = ["09:00-12:00", "13:00-18:00"]
    assert kept() == [([day] * 5 + [[], []], {"2026-12-31": []})]
    assert (done.status_code, late.status_code, wrong.status_code) == (302, 422, 422)
    assert "その間にほかの人がこのシフトを変更しました" in late.text
    assert "土 9:00-12:00" in late.text
    assert "「月曜は朝から」は読み取れません" in wrong.text
    assert "月-金 09:00-12:00, 13:00-18:00" in supervisor.get(reverse("desk:shifts")).text
    assert [one.data["person"] for one in everything(Event, kind="shifts.changed")] == [member.user_id]


def test_without_a_line_they_are_bound_by_none(world: World, shift: OperatorMember) -> None:
    set_shifts(shift, text="", by=actor_of(world.ours.manager))
    assert kept() == []


@pytest.mark.parametrize("who", ["agent", "company_staff", "company_manager"])
def test_nobody_else_writes_or_sees_them(world: World, shift: OperatorMember, who: str) -> None:
    user = getattr(world.ours, who)
    before = kept()
    with pytest.raises(NotAllowed):
        set_shifts(shift, text="", by=actor_of(user))
    pages = [reverse("desk:shifts"), reverse("desk:shifts_file"), reverse("desk:shift", args=[shift.pk])]
    assert [signed_in(user).get(page).status_code for page in pages] == [403, 403, 403]
    assert kept() == before


def test_another_operators_supervisor_finds_nobody(world: World, shift: OperatorMember) -> None:
    client = signed_in(world.theirs.supervisor)
    assert client.post(reverse("desk:shift", args=[shift.pk]), {"shifts": ""}).status_code == 404
    file = SimpleUploadedFile("s.csv", f"email,day,hours\n{shift.user.email},月,休\n".encode())
    assert client.post(reverse("desk:shifts"), {"file": file}).status_code == 422
    assert shift.user.email not in client.get(reverse("desk:shifts_file")).text
    assert len(kept()) == 1


class TestFiles:
    def test_what_is_saved_is_taken_in_again(self, supervisor: Client, shift: OperatorMember) -> None:
        saved = supervisor.get(reverse("desk:shifts_file")).content
        before = kept()
        Shift.objects.all().delete()
        supervisor.post(reverse("desk:shifts"), {"file": SimpleUploadedFile("s.csv", saved)})
        assert kept() == before
        head, line = saved.decode("utf-8-sig").splitlines()
        assert head == "email,name,day,hours"
        assert line == f'{shift.user.email},{shift.user.name},月-金,"09:00-12:00, 13:00-18:00"'

    def test_no_cell_is_a_formula_and_the_file_is_read_all_the_same(
        self, world: World, supervisor: Client, shift: OperatorMember
    ) -> None:
        User.objects.filter(pk=shift.user_id).update(email="+a@home.example", name="=1+1")
        saved = supervisor.get(reverse("desk:shifts_file")).content
        before = kept()
        assert saved.decode("utf-8-sig").splitlines()[1].startswith("'+a@home.example,'=1+1,")
        Shift.objects.all().delete()
        assert take_file(saved, by=actor_of(world.ours.supervisor)) == 1
        assert kept() == before

    def test_many_are_locked_in_one_order_and_read_at_once(self, world: World, shift: OperatorMember) -> None:
        with world.ours.scope():
            seats = (world.ours.engagement,)
            people = [make_operator_person(world.ours.operator, seats=seats) for _ in range(4)]
        lines = [f"{one.email},月,9:00-12:00" for one in reversed(people)]
        by = actor_of(world.ours.supervisor)
        data = "\n".join(["email,day,hours", *lines]).encode()
        assert take_file(data, by=by) == 4
        with CaptureQueriesContext(connection) as seen:
            assert take_file(data, by=by) == 4
        about = [one["sql"] for one in seen if "routing_shift" in one["sql"]]
        [locks] = [one["sql"] for one in seen if "FOR NO KEY UPDATE" in one["sql"]]
        assert (len(about), 'ORDER BY "people_operatormember"."id"' in locks) == (1, True)

    @pytest.mark.parametrize(("code", "between"), [("utf-16", "\t"), ("utf-8", ","), ("cp932", "\t")])
    def test_heads_may_be_japanese_and_columns_parted_by_tabs(
        self, world: World, shift: OperatorMember, code: str, between: str
    ) -> None:
        rows = (
            ("メール", "曜日/日", "時間"),
            *[(shift.user.email, "土", one) for one in ("9:00-12:00", "13時-15時")],
        )
        data = "\n".join(between.join(row) for row in rows).encode(code)
        assert take_file(data, by=actor_of(world.ours.supervisor)) == 1
        with world.ours.scope():
            assert lines_of(roster_of(shift)) == [("土", "09:00-12:00, 13:00-15:00")]

    @pytest.mark.parametrize(
        ("written", "words"),
        [
            ("email,day\nEMAIL,月\n", "email、day、hours"),
            ("email,day,hours\n", "シフトがありません"),
            ("email,day,hours\nGOOD\nnobody@home.example,月,9:00-12:00\n", "nobody@home.example"),
            ("email,day,hours\nGOOD\nEMAIL,月,朝から\n", "月 朝から"),
            ("email,day,hours\nGOOD\nEMAIL,月,朝から\n", "3行目"),
            ("email,day,hours\nGOOD\nEMAIL,月,9:00-12:00,13:00-18:00\n", "3行目の列が"),
            (f"email,day,hours\nGOOD\nEMAIL,月,{'9' * 131_073}\n", "CSV（UTF-8）"),
        ],
    )
    def test_of_a_file_that_is_wrong_nothing_is_taken_in(
        self, supervisor: Client, shift: OperatorMember, written: str, words: str
    ) -> None:
        before, usual = kept(), csv.field_size_limit(131_072)  # whoever reads large tables raises it for all
        wrong = written.replace("GOOD", f"{shift.user.email},土,9:00-12:00")
        file = SimpleUploadedFile("s.csv", wrong.replace("EMAIL", shift.user.email).encode("cp932"))
        try:
            refused = supervisor.post(reverse("desk:shifts"), {"file": file})
        finally:
            csv.field_size_limit(usual)
        assert (refused.status_code, words in refused.text) == (422, True)
        assert kept() == before


class TestTakingAway:
    """Of a file that takes weekly shifts away it is asked first, with whose and how many."""

    def send(self, client: Client, shift: OperatorMember, rows: str, **more: str) -> Any:
        written = "email,day,hours\n" + rows.replace("EMAIL", shift.user.email)
        file = {} if "lines" in more else {"file": SimpleUploadedFile("s.csv", written.encode())}
        return client.post(reverse("desk:shifts"), file | more)

    def test_it_is_asked_with_a_count_and_taken_in_once_ticked(
        self, supervisor: Client, shift: OperatorMember
    ) -> None:
        before = kept()
        asked = self.send(supervisor, shift, 'EMAIL,月-水,9:00-12:00\nEMAIL,土,"9:00-11:00, 12:00-13:00"\n')
        lines = asked.context["asked"].lines
        assert asked.status_code == 200
        assert "このファイルは1人の毎週のシフトをなくします" in asked.text
        assert '<input type="checkbox" name="away" value="1">' in asked.text
        assert [(one.name, one.days) for one in asked.context["asked"].lost] == [(shift.user.name, "木-金")]

        missed = self.send(supervisor, shift, "", lines=lines)
        other = self.send(supervisor, shift, "", lines=lines, away="2")
        assert (missed.status_code, other.status_code, kept()) == (422, 422, before)
        assert "よろしければチェックを入れてください" in missed.text

        done = self.send(supervisor, shift, "", lines=lines, away="1")
        assert done.status_code == 302
        [(week, _days)] = kept()
        assert week == [["09:00-12:00"]] * 3 + [[], [], ["09:00-11:00", "12:00-13:00"], []]

    @pytest.mark.parametrize(
        "rows", ["EMAIL,月-金,10:00-12:00\n", "EMAIL,毎日,9:00-12:00\nEMAIL,2026-12-31,休\n"]
    )
    def test_other_hours_and_more_days_are_taken_in_at_once(
        self, supervisor: Client, shift: OperatorMember, rows: str
    ) -> None:
        assert self.send(supervisor, shift, rows).status_code == 302
        assert all(kept()[0][0][:5])

    def test_days_alone_take_the_week_away(self, supervisor: Client, shift: OperatorMember) -> None:
        asked = self.send(supervisor, shift, "EMAIL,2026-12-31,9:00-12:00\n")
        assert [one.days for one in asked.context["asked"].lost] == ["月-金"]

    def test_what_is_wrong_in_what_comes_back_is_refused(
        self, supervisor: Client, shift: OperatorMember
    ) -> None:
        before = kept()
        wrong = self.send(
            supervisor, shift, "", lines="email,day,hours\nx@y.example,月,9:00-12:00\n", away="1"
        )
        assert (wrong.status_code, "x@y.example" in wrong.text, kept()) == (422, True, before)

    @pytest.mark.parametrize(("days", "named"), [([0, 1, 2, 5], "月-水、土"), ([6], "日"), ([], "")])
    def test_days_are_named_in_one_where_they_follow_one_another(self, days: list[int], named: str) -> None:
        assert days_named(days) == named


class TestGivingOut:
    def test_whose_shift_is_over_is_given_nothing_until_they_say_that_they_are_there(
        self, world: World, shift: OperatorMember
    ) -> None:
        agent = actor_of(world.ours.agent)
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, pushes=True)
        set_presence("available", by=agent)
        for hours, said, given in ((8, "", 1), (9, "", 0), (9.5, "again", 1)):
            with clock.held_at(NINE + hours * HOUR):
                if said:
                    set_presence("away", by=agent)
                    set_presence("available", by=agent)
                still_here(by=agent)
                make_case(world.ours.entry_point)
                waiting = push(world.ours.desk)
                assert (hours, waiting > 0) == (hours, given > 0)

    def test_the_phone_does_not_ring_them(self, world: World, shift: OperatorMember) -> None:
        agent, where = actor_of(world.ours.agent), {"desk": world.ours.desk.pk}
        where["company"] = world.ours.company.pk
        set_presence("available", by=agent)
        with clock.held_at(NINE + 9 * HOUR):
            set_ready(ready=True, by=agent)
            assert off_duty([world.ours.agent.pk], desk=world.ours.desk.pk) == {world.ours.agent.pk}
            assert take_phone(**where, call="c1") is None
            set_presence("away", by=agent)
            set_presence("available", by=agent)
            assert take_phone(**where, call="c1") == world.ours.agent.pk

    @pytest.mark.parametrize(("hours", "state"), [(2, "available"), (3, "break"), (9, "off")])
    def test_the_minute_makes_it_a_break_or_the_end_of_the_day(
        self, world: World, shift: OperatorMember, hours: int, state: str
    ) -> None:
        set_presence("available", by=actor_of(world.ours.agent))
        with clock.held_at(NINE + hours * HOUR):
            still_here(by=actor_of(world.ours.agent))
            for _twice in range(2):
                sweep()
        assert Worker.objects.get(user=world.ours.agent).state == state

    def test_who_has_no_shifts_is_bound_by_none(self, world: World) -> None:
        with world.ours.scope(), clock.held_at(NINE + 20 * HOUR):
            set_presence("available", by=actor_of(world.ours.agent))
            sweep()
            assert (off_duty([world.ours.agent.pk]), on_shift([world.ours.agent.pk])) == (set(), {})
        assert Worker.objects.get(user=world.ours.agent).state == "available"


def test_a_shift_at_another_employer_says_nothing_about_our_desk(world: World, supervisor: Client) -> None:
    agent = world.ours.agent
    other = OperatorMember.objects.create(user=agent, operator=make_operator(), role="agent")
    with world.ours.scope(), clock.held_at(NINE):
        Shift.objects.create(member=other, week=[["09:00-12:00"]] * 5 + [[], []])
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, pushes=True)
    with clock.held_at(NINE + HOUR / 2):
        crews = supervisor.get(reverse("desk:wall")).context["wall"].crews
        assert [one for crew in crews for one in crew.missing] == []
        assert on_shift([agent.pk]) == {(agent.pk, other.operator_id): NINE}
        with world.ours.scope():
            set_presence("available", by=actor_of(agent))
    with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
        still_here(by=actor_of(agent))
        make_case(world.ours.entry_point)
        assert (off_duty([agent.pk]), off_duty([agent.pk], desk=world.ours.desk.pk)) == ({agent.pk}, set())
        assert push(world.ours.desk) == 1
        sweep()
    assert Worker.objects.get(user=agent).state == "available"


def test_who_should_be_there_and_is_not_stands_on_the_wall(
    world: World, supervisor: Client, shift: OperatorMember
) -> None:
    def missing(client: Client, hours: float) -> list[tuple[str, str]]:
        with clock.held_at(NINE + hours * HOUR):
            crews = client.get(reverse("desk:wall")).context["wall"].crews
            return [one for crew in crews for one in crew.missing]

    assert missing(supervisor, 0.5) == [(world.ours.agent.name, "30分")]
    assert missing(supervisor, 3.5) == []
    assert missing(signed_in(world.ours.company_staff), 0.5) == []
    set_presence("available", by=actor_of(world.ours.agent))
    assert missing(supervisor, 0.05) == []


def test_ones_own_are_seen_for_a_fortnight(world: World, shift: OperatorMember) -> None:
    page = reverse("desk:own_shifts")
    mine, other = (signed_in(one).get(page) for one in (world.ours.agent, world.ours.supervisor))
    days = mine.context["days"]
    assert [len(one.hours) for one in days] == [2, 2, 2, 2, 0, 0, 2, 2, 2, 2, 2, 0, 0, 2]
    assert "09:00–12:00" in mine.text
    assert "あなたのシフトは登録されていません" in other.text


def test_hours_that_nobody_covers_are_named(world: World, supervisor: Client, shift: OperatorMember) -> None:
    page = reverse("desk:coverage", args=[world.ours.desk.pk])
    shown = supervisor.get(page)
    assert (shown.context["people"], len(shown.context["days"])) == (1, 7)
    first = [f"{begin.astimezone(clock.TOKYO):%d %H}" for begin, _end in shown.context["holes"]][:2]
    assert first == ["01 12", "02 12"]
    assert "12/1 (火) 12:00–13:00" in shown.text
    assert supervisor.get(page + "?from=2027-01-04").context["days"][0][0].day.isoformat() == "2027-01-04"
    assert supervisor.get(page + "?from=いつか").status_code == 200
    foreign = reverse("desk:coverage", args=[world.theirs.desk.pk])
    assert supervisor.get(foreign).status_code == 404


def test_a_file_that_is_no_text_is_refused(world: World, supervisor: Client) -> None:
    file = SimpleUploadedFile("s.csv", b"\xff\xfe\x00\x81")
    assert supervisor.post(reverse("desk:shifts"), {"file": file}).status_code == 422
    member = OperatorMember.objects.get(user=world.ours.agent)
    with world.ours.scope(), pytest.raises(Refused):
        set_shifts(member, text="x", by=actor_of(world.ours.supervisor))
    assert kept() == []
