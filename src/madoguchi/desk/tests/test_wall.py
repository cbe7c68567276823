"""The supervisors' wall: queues, ages, breaches, calls, promises; of whom, at what cost, and with no names."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.cases.actions import assign, change_status
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point, make_operator
from madoguchi.companies.models import EntryPoint, OperatorCompany
from madoguchi.delivery.actions import Reply, reply
from madoguchi.desk.tests.conftest import HTMX, counted, signed_in
from madoguchi.desk.wall import DECIDED, SHOWN, bars_of, value_of
from madoguchi.insight.catalogue import definition
from madoguchi.insight.definitions import Unit
from madoguchi.insight.present import Doing, doing_now
from madoguchi.insight.standing import BEHIND, calls_at
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels, switch_levels
from madoguchi.promises.keeping import Told, make_promise, tell_due_promises
from madoguchi.promises.tests.living import LEVELS, NINE
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import State, Worker
from madoguchi.voice.actions import Begun, begin_call, note_waits
from madoguchi.voice.models import AgentPhone, Call

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WALL, FIGURES = "/wall/", "/wall/figures/"


def came(point: EntryPoint, *ago: timedelta) -> list[Case]:
    """Cases that came so long before one o'clock."""
    made = []
    for one in ago:
        with clock.held_at(NINE + 4 * HOUR - one):
            made.append(make_case(point))
    return made


def let_a_promise_run_out(case: Case, world: World) -> None:
    """One of half past one that nobody owns, made at one and told to be late at two."""
    told = Told(kind="refund", words="返金", due_at=NINE + 4.5 * HOUR, owner=None)
    with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
        make_promise(case, told, by=actor_of(world.ours.agent))
    with clock.held_at(NINE + 5 * HOUR):
        tell_due_promises()


def looked(client: Client, query: str = "", *, at: timedelta = 4 * HOUR, address: str = WALL):  # type: ignore[no-untyped-def]
    with clock.held_at(NINE + at):
        return client.get(f"{address}{query}")


def queues(client: Client, query: str = "") -> list[tuple[str, int, int, tuple[int, ...], int, int]]:
    """Of each row: channel, who waits, nobody's, by steps of waiting, overdue, due soon."""
    rows = looked(client, query).context["wall"].rows
    return [
        (
            r.queue.channel,
            r.queue.waiting,
            r.queue.unassigned,
            r.queue.steps,
            r.queue.overdue,
            r.queue.due_soon,
        )
        for r in rows
    ]


class TestQueues:
    def test_who_waits_is_counted_by_how_long(self, world: World, supervisor: Client) -> None:
        point = world.ours.entry_point
        came(point, MINUTE, 15 * MINUTE, 16 * MINUTE, 2 * HOUR, 4 * HOUR, 5 * HOUR)

        assert queues(supervisor) == [("email", 6, 6, (1, 2, 1, 2), 0, 0)]
        [row] = looked(supervisor).context["wall"].rows
        assert (row.longest, row.tone) == ("5時間", "")

    def test_whoever_was_answered_waits_no_more(self, world: World, supervisor: Client) -> None:
        agent = actor_of(world.ours.agent)
        answered, assigned, _waits = came(world.ours.entry_point, HOUR / 2, HOUR / 2, HOUR / 2)
        with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
            reply(answered, Reply(text="はい。"), by=agent)
            assign(assigned, to=agent.id, by=actor_of(world.ours.supervisor))

        assert queues(supervisor) == [("email", 2, 1, (0, 2, 0, 0), 0, 0)]

    def test_clocks_that_ran_out_and_that_will(self, world: World, supervisor: Client) -> None:
        cases = came(world.ours.entry_point, HOUR, HOUR, HOUR, HOUR)
        with world.ours.scope():
            for case, due in zip(cases, (-MINUTE, MINUTE, HOUR, HOUR + MINUTE), strict=True):
                Case.objects.filter(pk=case.pk).update(due_at=NINE + 4 * HOUR + due)

        assert [row[-2:] for row in queues(supervisor)] == [(1, 2)]
        assert [row.tone for row in looked(supervisor).context["wall"].rows] == ["bad"]

    def test_channels_stand_apart_and_one_alone_can_be_looked_at(
        self, world: World, supervisor: Client
    ) -> None:
        came(world.ours.entry_point, HOUR)
        [chat] = came(world.ours.entry_point, MINUTE)
        with world.ours.scope():
            Case.objects.filter(pk=chat.pk).update(channel="chat")

        assert [row[0] for row in queues(supervisor)] == ["chat", "email"]
        assert [row[0] for row in queues(supervisor, "?channel=chat")] == ["chat"]
        assert [row[0] for row in queues(supervisor, "?channel=fax")] == ["chat", "email"]
        oldest = looked(supervisor, "?channel=chat").context["wall"].oldest
        assert [one.channel for one in oldest] == ["チャット"]

    def test_who_waits_longest_leads_to_the_case(self, world: World, supervisor: Client) -> None:
        late, soon = came(world.ours.entry_point, 3 * HOUR, MINUTE)
        prefix = world.ours.company.prefix

        page = looked(supervisor)

        shown = [(one.number, one.waits) for one in page.context["wall"].oldest]
        assert shown == [(f"{prefix}-{late.number}", "3時間"), (f"{prefix}-{soon.number}", "1分")]
        assert reverse("desk:case", args=[f"{prefix}-{late.number}"]) in page.content.decode()

    def test_nobody_waits(self, supervisor: Client) -> None:
        page = looked(supervisor)

        assert (page.context["wall"].rows, page.context["wall"].oldest) == ([], [])
        assert page.context["wall"].summary == "お待たせしている方はいません。"

    def test_the_sentence_above_says_what_matters(self, world: World, supervisor: Client) -> None:
        cases = came(world.ours.entry_point, 2 * HOUR, HOUR)
        with world.ours.scope():
            Case.objects.filter(pk=cases[0].pk).update(due_at=NINE)

        assert looked(supervisor).context["wall"].summary == (
            "2人のお客様をお待たせしています。 最も長い方は2時間お待ちです。 期限切れが1件あります。"
        )


class TestCallsAndTroubles:
    def test_a_call_waits_until_somebody_talks_on_it(self, world: World, supervisor: Client) -> None:
        number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        for uid, ago in (("one", 3 * MINUTE), ("two", MINUTE)):
            with world.ours.scope(), clock.held_at(NINE + 4 * HOUR - ago):
                begin_call(number, Begun(uid=uid, caller="", flow=0, at=clock.now()))
                note_waits(uid, "queue", since=clock.now())
        with world.ours.scope(), clock.held_at(NINE + 3 * HOUR):  # who hears a menu does not wait for us
            begin_call(number, Begun(uid="menu", caller="", flow=0, at=clock.now()))
        AgentPhone.objects.create(
            user=world.ours.agent, state="talking", since=NINE, seen_at=NINE, call="one"
        )

        [line] = looked(supervisor).context["wall"].lines
        assert (line.calls.waiting, line.calls.talking, line.waits) == (1, 1, "1分")

        with world.ours.scope():
            Call.objects.filter(uid="two").update(direction="out")  # we call: nobody waits
            [going] = calls_at([world.ours.desk.pk]).values()
        assert (going.waiting, going.talking, going.since) == (0, 1, None)

    def test_a_promise_at_risk_is_told_at_its_desk(
        self, world: World, case: Case, supervisor: Client
    ) -> None:
        by = actor_of(world.ours.agent)
        with world.ours.scope(), clock.held_at(NINE):
            told = Told(kind="refund", words="返金いたします。", due_at=NINE + HOUR, owner=by.id)
            make_promise(case, told, by=by)
        with clock.held_at(NINE + 2 * HOUR):
            tell_due_promises()

        [line] = looked(supervisor).context["wall"].lines
        assert (line.trouble.promises, line.trouble.incidents, line.trouble.graves) == (1, 0, 0)
        assert "守れないおそれのある約束が1件あります。" in looked(supervisor).context["wall"].summary

    def test_a_channel_that_is_chosen_holds_for_calls_and_troubles_too(
        self, world: World, supervisor: Client
    ) -> None:
        [case] = came(world.ours.entry_point, 3 * HOUR)
        let_a_promise_run_out(case, world)
        with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
            number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
            begin_call(number, Begun(uid="one", caller="+819012345678", flow=0, at=NINE + 4 * HOUR))
            note_waits("one", "queue", since=NINE + 4 * HOUR)

        found = []
        for channel in ("", "email", "phone"):
            [line] = looked(supervisor, f"?channel={channel}").context["wall"].lines
            found.append((line.calls.waiting, line.trouble.promises))
        assert found == [(1, 1), (0, 1), (1, 0)]

    def test_each_number_leads_to_the_cases_that_it_counts(
        self, world: World, supervisor: Client, stranger: Client
    ) -> None:
        cases = came(world.ours.entry_point, 2 * MINUTE, 30 * MINUTE, 5 * HOUR)
        with world.ours.scope():
            Case.objects.filter(pk=cases[0].pk).update(due_at=NINE + 3 * HOUR)
            Case.objects.filter(pk=cases[1].pk).update(due_at=NINE + 4.5 * HOUR)
        page = looked(supervisor).text

        found = {}
        for of in (*BEHIND, "others"):
            listed = looked(supervisor, f"?of={of}&channel=email", address="/wall/cases/")
            found[of] = [one.case for one in listed.context["cases"]] if listed.status_code == 200 else None
            assert cases[0].subject not in looked(stranger, f"?of={of}", address="/wall/cases/").text
        newest, half, oldest = (case.pk for case in cases)
        waits = [oldest, half, newest]
        assert found == {
            "waiting": waits,
            "unassigned": waits,
            "step0": [newest],
            "step1": [half],
            "step2": [],
            "step3": [oldest],
            "overdue": [newest],
            "soon": [half],
            "promises": [],
            "signals": [],
            "graves": [],
            "others": None,
        }
        desk = world.ours.desk.pk
        assert f'href="/wall/cases/?of=overdue&amp;desk={desk}&amp;channel=email"' in page
        assert looked(supervisor, "?of=waiting&channel=chat", address="/wall/cases/").context["cases"] == []


class TestWhoSeesWhat:
    def test_nobody_sees_another_company(self, world: World, stranger: Client) -> None:
        came(world.ours.entry_point, HOUR)

        page = looked(stranger, f"?desk={world.ours.desk.pk}")

        assert (page.context["wall"].rows, page.context["wall"].lines) == ([], [])
        assert queues(stranger) == []

    def test_a_desk_that_is_chosen_stands_alone(self, world: World) -> None:
        other = make_desk(world.ours.company)
        came(make_entry_point(other), HOUR)
        came(world.ours.entry_point, HOUR, HOUR)
        lead = signed_in(world.ours.company_manager)

        assert [row[1] for row in queues(lead, f"?desk={other.pk}")] == [1]
        assert [row[1] for row in queues(lead)] == [2, 1]

    def test_a_company_chooses_among_its_operators(self, world: World, company_staff: Client) -> None:
        operator = make_operator()
        shared = make_desk(world.ours.company)
        make_engagement(operator, shared)
        came(make_entry_point(shared), HOUR)
        came(world.ours.entry_point, HOUR, HOUR)

        page = looked(company_staff)
        assert {name for _pk, name in page.context["operators"]} == {
            operator.name,
            world.ours.operator.name,
        }
        assert [row[1] for row in queues(company_staff, f"?operator={operator.pk}")] == [1]

    def test_an_operator_whose_engagement_is_over_is_not_chosen_any_more(
        self, world: World, company_staff: Client
    ) -> None:
        gone, here = make_operator(), make_operator()
        yesterday = NINE.date() - timedelta(days=1)
        make_engagement(gone, world.ours.desk, ends_on=yesterday)
        make_engagement(here, make_desk(world.ours.company))
        came(world.ours.entry_point, HOUR)

        page = looked(company_staff)

        assert {pk for pk, _name in page.context["operators"]} == {world.ours.operator.pk, here.pk}
        assert queues(company_staff, f"?operator={gone.pk}") == queues(company_staff)

    def test_an_operator_is_not_told_who_else_works_there(self, world: World, supervisor: Client) -> None:
        make_engagement(make_operator(), world.ours.desk)

        assert looked(supervisor).context["operators"] == []

    @pytest.mark.parametrize("address", [WALL, FIGURES])
    def test_what_another_operator_alone_did_is_not_told(
        self, world: World, supervisor: Client, company_staff: Client, address: str
    ) -> None:
        """Given a second operator at the desk, when its supervisor asks for them by the address, then it is as if they
        had not; for their own, and for the company that chooses among both, it is done.
        """
        other = make_operator()
        make_engagement(other, world.ours.desk)

        def chosen(client: Client, operator: int) -> int | None:
            page = looked(client, f"?operator={operator}", address=address)
            return page.context["chosen"].operator  # type: ignore[no-any-return]

        own = world.ours.operator.pk
        assert [chosen(supervisor, pk) for pk in (other.pk, own, 10**15)] == [None, own, None]
        assert [chosen(company_staff, pk) for pk in (other.pk, world.theirs.operator.pk)] == [other.pk, None]

    @pytest.mark.parametrize("who", ["company_staff", "company_manager"])
    @pytest.mark.parametrize("address", [WALL, FIGURES])
    def test_the_company_sees_no_person_and_finds_nothing_to_press(
        self, world: World, who: str, address: str
    ) -> None:
        [case] = came(world.ours.entry_point, HOUR)
        other = make_operator_person(world.ours.operator, seats=(world.ours.engagement,), name="田村 亮")
        with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
            assign(case, to=other.pk, by=actor_of(world.ours.supervisor))
        client = signed_in(getattr(world.ours, who))

        for page in (looked(client, address=address), client.get(address, headers=HTMX)):
            text = unescape(page.content.decode())
            names = [other.name, world.ours.agent.name, world.ours.supervisor.name, world.ours.manager.name]
            assert [name for name in names if name in text] == []
            content = text.partition("<main")[2].partition("</main>")[0] or text
            assert 'method="post"' not in content
            assert "hx-post" not in content

    @pytest.mark.parametrize("address", [WALL, FIGURES])
    def test_nothing_can_be_posted_to_it(self, company_staff: Client, address: str) -> None:
        assert company_staff.post(address, {"desk": "1"}).status_code == 405


class TestPeople:
    """Who is ready, on a call, wrapping up or away, since when, by desk and operator."""

    @pytest.fixture
    def crews(self, world: World) -> OperatorCompany:
        """Ours: one ready, one on a call; another operator at the same desk: one away, one off work."""
        side = world.ours
        with side.scope(), clock.held_at(NINE + 3 * HOUR):
            other = make_operator(name="あおぞら受託")
            there = make_engagement(other, side.desk)
            away, _off = (make_operator_person(other, seats=(there,)) for _ in range(2))
            at_work(side.agent, side.supervisor)
            at_work(away, state=State.BREAK)
        now = NINE + 4 * HOUR
        Worker.objects.update(seen_at=now)
        talks = now - 12 * MINUTE
        AgentPhone.objects.create(user=side.supervisor, state="talking", since=talks, seen_at=now)
        return other

    def shown(self, client: Client, query: str = "") -> dict[str, list[int]]:
        crews = looked(client, query).context["wall"].crews
        return {crew.employer: [number for _name, number in crew.counts] for crew in crews}

    def test_by_operator_as_the_company_sees_them_without_names(
        self, world: World, company_staff: Client, crews: OperatorCompany
    ) -> None:
        ours = world.ours.operator.name
        assert self.shown(company_staff) == {ours: [1, 1, 0, 0, 0, 0], "あおぞら受託": [0, 0, 0, 0, 1, 1]}
        assert self.shown(company_staff, f"?operator={crews.pk}") == {"あおぞら受託": [0, 0, 0, 0, 1, 1]}
        page = looked(company_staff)
        assert [crew.people for crew in page.context["wall"].crews] == [[], []]
        assert world.ours.agent.name not in page.content.decode()

    def test_an_operators_people_see_who_of_them_does_what_since_when(
        self, world: World, supervisor: Client, crews: OperatorCompany
    ) -> None:
        assert self.shown(supervisor) == {world.ours.operator.name: [1, 1, 0, 0, 0, 0]}
        [crew] = looked(supervisor).context["wall"].crews
        side = world.ours
        assert sorted((one.name, one.doing, one.lasts) for one in crew.people) == sorted(
            [(side.agent.name, "対応可", "1時間"), (side.supervisor.name, "通話中", "12分")]
        )
        assert "在席状況" in looked(supervisor).content.decode()

    def test_who_was_not_heard_of_is_away_since_then_and_a_phone_alone_counts(self, world: World) -> None:
        side = world.ours
        at_work(side.agent)
        gone = clock.now() - timedelta(minutes=6)
        Worker.objects.filter(user=side.agent).update(seen_at=gone)
        phone = AgentPhone.objects.create(
            user=side.supervisor, state="ready", since=clock.now(), seen_at=clock.now()
        )
        assert doing_now([side.agent.pk, side.supervisor.pk, side.manager.pk]) == {
            side.agent.pk: (Doing.AWAY, gone),
            side.supervisor.pk: (Doing.READY, phone.since),
            side.manager.pk: (Doing.OFF, None),
        }


class TestCost:
    def test_more_cases_cost_no_more_queries(self, world: World, supervisor: Client) -> None:
        came(world.ours.entry_point, HOUR)
        looked(supervisor)
        used = []
        for _time in range(2):
            with counted() as cost:
                looked(supervisor)
            used.append(len(cost))
            came(world.ours.entry_point, *[HOUR] * 5)

        assert used[0] == used[1] == 19

    def test_drawn_anew_it_is_a_part_and_costs_less(self, world: World, supervisor: Client) -> None:
        came(world.ours.entry_point, HOUR)
        with counted() as cost, clock.held_at(NINE + 4 * HOUR):
            page = supervisor.get(WALL, headers=HTMX)

        assert len(cost) == 16
        assert page.content.decode().lstrip().startswith('<p id="wall-sum"')
        assert "no-store" in page["Cache-Control"]


class TestFigures:
    def test_they_are_those_of_today_with_formula_denominator_and_version(
        self, world: World, supervisor: Client
    ) -> None:
        [case] = came(world.ours.entry_point, 3 * HOUR)
        let_a_promise_run_out(case, world)

        page = looked(supervisor, at=5 * HOUR, address=FIGURES)

        [(company, shown)] = page.context["companies"]
        assert company == world.ours.company.name
        assert [one.figure.definition.key for one in shown] == [
            definition(name, version).key for name, version in SHOWN
        ]
        kept = next(one for one in shown if one.figure.definition.name == "promise_kept")
        assert (kept.value, kept.sums) == ("0.0%", "0 ÷ 1")
        text = unescape(page.content.decode())
        assert "約束遵守率" in text
        assert "90%が収まる待ち時間（P90）" in text
        assert "Wait that" not in text
        titles = [one.title for one in shown]
        assert [title for title in titles if "サービスレベル" in title] == [
            "サービスレベル（全着信のうち）",
            "サービスレベル（応答した電話のうち）",
            "サービスレベル（早く切れた電話を含む）",
        ]
        # How it is reckoned and in which version stands beside each, and it leads to what it rests on.
        keys = [f'<code class="nowrap">{one.figure.definition.key}</code>' for one in shown]
        assert [key for key in keys if key not in text] == []
        told = "期限内に果たした約束 ÷（期限内に果たした約束＋破れた約束）"
        assert f'<span>{told} <code class="nowrap">promise_kept v1</code>' in text
        # In the language of the page, each of them.
        formulas = re.findall(r'<details class="formula.*?</details>', text)
        assert (len(formulas), [one for one in formulas if 'lang="en"' in one]) == (len(SHOWN), [])
        ground = looked(
            supervisor, at=5 * HOUR, query="?name=promise_kept&version=1", address="/wall/figure/"
        )
        [one] = ground.context["grounds"]
        [rests] = one.rests
        number = case.spoken_number(world.ours.company.prefix)
        assert (one.count, rests.case, rests.over, rests.under, rests.at) == (
            1,
            number,
            "0",
            "1",
            NINE + 4 * HOUR,
        )
        assert f'href="/cases/{number}/"' in ground.text
        assert looked(supervisor, "?name=csat&version=1", address="/wall/figure/").status_code == 404

    def test_before_opening_no_wait_is_shown_for_one_that_nobody_measured(
        self, world: World, supervisor: Client
    ) -> None:
        side, manager = world.ours, actor_of(world.ours.company_manager)
        with side.scope(), clock.held_at(NINE - timedelta(days=1)):
            switch_levels(set_levels(side.desk, text=LEVELS, by=manager), active=True, by=manager)
        with clock.held_at(NINE - 2 * HOUR):
            make_case(side.entry_point)
        why = "まだ返信がなく、お待ちの方についても営業時間が経っていません。"

        told = []
        for at in (-HOUR, MINUTE):
            page = looked(supervisor, at=at, address=FIGURES)
            [(_company, shown)] = page.context["companies"]
            one = next(one for one in shown if one.figure.definition.name == "first_reply_p80")
            query = "?name=first_reply_p80&version=3"
            ground = looked(supervisor, query, at=at, address="/wall/figure/")
            told.append((one.value, one.sums, why in page.text, why in ground.text))

        assert told == [("–", "0", True, True), ("1分0秒", "1", False, False)]

    def test_what_takes_days_to_be_decided_is_that_of_the_last_week_of_which_all_is(
        self, world: World, supervisor: Client
    ) -> None:
        # Solved on the 1st of December; on the 8th of it the customer may still come back until the evening.
        [case, other] = came(world.ours.entry_point, 3 * HOUR, 2 * HOUR)
        agent = actor_of(world.ours.agent)
        with world.ours.scope(), clock.held_at(NINE + 5 * HOUR):
            for one in (case, other):
                change_status(one, to=Status.SOLVED, by=agent, without_words=True)
        with clock.held_at(NINE + 50 * HOUR):
            say_again(other)

        found = []
        for days in (7, 8, 14, 15):
            page = looked(supervisor, "?decided=1", at=timedelta(days=days), address=FIGURES)
            [(_company, shown)] = page.context["companies"]
            assert [one.figure.definition.name for one in shown] == [name for name, _version in DECIDED]
            found.append((page.context["week"][1].isoformat(), shown[0].sums))

        assert found == [
            ("2026-11-30", "0 ÷ 0"),
            ("2026-12-01", "1 ÷ 2"),
            ("2026-12-07", "1 ÷ 2"),
            ("2026-12-08", "0 ÷ 0"),
        ]
        assert "2026-12-02〜2026-12-08" in page.text
        assert "一次解決率" in page.text
        assert f'hx-get="{FIGURES}?decided=1"' in looked(supervisor).text

    def test_companies_are_never_counted_together(self, world: World) -> None:
        there = make_engagement(world.ours.operator, world.theirs.desk)
        both = make_operator_person(world.ours.operator, seats=(world.ours.engagement, there))

        page = looked(signed_in(both), address=FIGURES)

        assert {name for name, _shown in page.context["companies"]} == {
            world.ours.company.name,
            world.theirs.company.name,
        }


def test_a_bar_is_parted_by_how_many_wait_how_long() -> None:
    assert [(bar.step, bar.at, bar.length) for bar in bars_of((1, 0, 2, 1), length=100)] == [
        (0, 0, 25),
        (2, 25, 50),
        (3, 75, 25),
    ]
    assert bars_of((0, 0, 0, 0)) == []


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.889, Unit.SHARE, "88.9%"),
        (31, Unit.SECONDS, "31秒"),
        (65.4, Unit.SECONDS, "1分5秒"),
        (7260, Unit.SECONDS, "2時間1分"),
        (None, Unit.SECONDS, "–"),
    ],
)
def test_times_are_written_in_words(value: float | None, unit: Unit, expected: str) -> None:
    assert value_of(value, unit) == expected


def test_it_is_found_on_the_rail(supervisor: Client) -> None:
    assert f'href="{WALL}"' in supervisor.get("/").content.decode()
