"""The sample world in the database: written through the walls, and as it was told."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import connection, transaction
from django.test import override_settings

from madoguchi.cases.actions.note import named_in
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import (
    Attachment,
    Case,
    CaseLink,
    Contact,
    Mention,
    Message,
    Note,
    NumberCounter,
    PendingAnswer,
    Seen,
    Status,
)
from madoguchi.cases.unread import unread_among
from madoguchi.channels.webform.queries import shape_of
from madoguchi.companies.factories import make_company
from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.customers.models import Customer, Identity
from madoguchi.delivery.models import Outgoing
from madoguchi.fields.models import Field
from madoguchi.following.models import Follow
from madoguchi.helpcentre.models import HelpCentre
from madoguchi.infra import files, reactions, scope
from madoguchi.infra.event_log import Cursor, read_after
from madoguchi.infra.models import Event, Reader
from madoguchi.insight.catalogue import definition
from madoguchi.insight.logged import Span
from madoguchi.insight.queries import Wanted, figures
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import canonical
from madoguchi.knowledge.models import ArticleVersion, ReplyTemplate
from madoguchi.macros.models import Macro
from madoguchi.people.models import User
from madoguchi.people.queries import staff_of_desk
from madoguchi.promises.actions import read_clocks
from madoguchi.promises.models import Clock, ServiceLevels
from madoguchi.promises.queries import clocks_of
from madoguchi.rules.models import Rule
from madoguchi.sample.content import SampleCase
from madoguchi.sample.load import Loaded, is_empty, load
from madoguchi.sample.set_up import values_of
from madoguchi.sample.sign_ins import NAME, SHOWN
from madoguchi.sample.story import Storyteller
from madoguchi.sample.world import sample_world
from madoguchi.search.models import Document
from madoguchi.search.queries import Share, still_indexing
from madoguchi.tasks.models import Plan, Task
from madoguchi.voice.models import Call
from madoguchi.voice.queries import unremembered

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
CASES = 300
_REASON = "a test looks at the sample world of all companies"


@dataclass(frozen=True)
class Filled:
    """A database with a sample world in it, and where its files are."""

    loaded: Loaded
    folder: Path
    progress: list[int]


@pytest.fixture(scope="module")
def filled(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """Loaded once for all tests of this file, and gone with its transaction."""
    folder, told = tmp_path_factory.mktemp("sample"), []
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DATA=folder, FILES_ROOT=folder, PASSWORD_HASHERS=hashers):
            reactions.enrol()
            loaded = load(cases=CASES, now=NOW, progress=told.append)
        with scope.everywhere(reason=_REASON):
            yield Filled(loaded, folder, told)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def told(filled: Filled) -> dict[tuple[str, int], SampleCase]:
    """The same cases as the storyteller tells them, by company and number."""
    teller, numbers = (
        Storyteller(now=NOW),
        Counter(dict.fromkeys(("hanamoto", "asagiri", "tsukishiro"), 1000)),
    )

    def count(company: str) -> int:
        numbers[company] += 1
        return numbers[company]

    cases = [teller.case(index, count) for index in sorted(range(CASES), key=teller.flow.at)]
    return {(case.company, case.number): case for case in cases}


def rows(filled: Filled) -> dict[tuple[str, int], Case]:
    related = ("company", "desk", "assignee", "customer", "entry_point")
    return {(case.company.slug, case.number): case for case in Case.objects.select_related(*related)}


# ------------------------------------------------------------------ what is there


def test_it_says_what_it_wrote(filled: Filled) -> None:
    loaded = filled.loaded
    assert loaded.cases == Case.objects.count() == sum(filled.progress) == CASES
    assert loaded.customers == Customer.objects.count() == CASES // 2
    assert loaded.messages == Message.objects.count() == Contact.objects.count()
    told = Event.objects.filter(kind__regex=r"^(case|message|note|customer|order)\.")
    # What people are in the midst of comes on top of it.
    assert loaded.events == told.exclude(at=NOW).count()


def test_what_the_companies_know_is_there_to_read(filled: Filled) -> None:
    approved = ArticleVersion.objects.filter(state="approved").count()
    [waits] = ArticleVersion.objects.filter(state="review").values_list("title", "user__name")
    centres = HelpCentre.objects.filter(is_open=True, contact__isnull=False).count()

    assert (approved, waits, centres) == (23, ("お届けの日時を変えたい", "佐々木 遥"), 3)


def test_organisations_are_set_up(filled: Filled) -> None:
    world = sample_world()
    assert [c.slug for c in Company.objects.order_by("id")] == [c.key for c in world.companies]
    assert {o.name: o.own_of_id is not None for o in OperatorCompany.objects.all()} == {
        o.name: bool(o.own_of) for o in world.operators
    }
    assert User.objects.count() == len(world.people)
    terms = {(e.operator, e.desk): e for e in world.engagements}
    operators = {o.name: o.key for o in world.operators}
    desks = {d.name: d.key for d in world.desks}
    for engagement in Engagement.objects.select_related("operator", "desk"):
        said = terms.pop((operators[engagement.operator.name], desks[engagement.desk.name]))
        assert (engagement.model, set(engagement.masked), set(engagement.hidden)) == (
            said.model,
            set(said.masked),
            set(said.hidden),
        )
        assert engagement.starts_on < (NOW - timedelta(days=90)).date()
    assert terms == {}
    assert ReplyTemplate.objects.count() == len(world.templates)


def test_every_seat_is_taken_as_the_world_says(filled: Filled) -> None:
    world = sample_world()
    for desk in world.desks:
        row = EntryPoint.objects.select_related("desk").get(kind="email", address=desk.address).desk
        here = {p.email for p in staff_of_desk(row.pk, company=row.company_id)}
        assert {p.email for p in world.people if desk.key in p.desks} <= here


def test_forms_ask_what_their_desk_needs_to_know(filled: Filled) -> None:
    for point in EntryPoint.objects.filter(kind="form"):
        kind, order = shape_of(point.pk).questions
        assert (kind.required, order.required) == (True, False)
        assert len(kind.choices) >= 5


def test_cases_are_as_they_were_told(filled: Filled, told: dict[tuple[str, int], SampleCase]) -> None:
    emails = {p.key: p.email for p in sample_world().people}
    written = rows(filled)
    assert written.keys() == told.keys()
    # An answer that waits makes a case ours again.
    today = set(PendingAnswer.objects.values_list("case_id", flat=True))
    assert len(today) == 2
    for key, case in written.items():
        if case.pk in today:
            continue
        said = told[key]
        assert (case.subject, case.status, case.priority, case.tags) == (
            said.subject,
            said.status,
            said.priority,
            list(said.tags),
        )
        assert (case.assignee.email if case.assignee else "") == emails.get(said.assignee, "")
        assert (case.opened_at, case.touched_at, case.waiting_since) == (
            said.opened_at,
            said.touched_at,
            said.waiting_since,
        )
        assert (case.first_replied_at, case.solved_at) == (said.first_replied_at, said.solved_at)
        assert case.customer.name == said.customer.name
        assert case.entry_point.kind == case.channel == said.channel
        assert case.message_count == sum(not m.automatic for m in said.messages)


def test_what_was_said_is_there_word_for_word(
    filled: Filled, told: dict[tuple[str, int], SampleCase]
) -> None:
    for key, case in rows(filled).items():
        messages = Message.objects.filter(case=case).order_by("at", "id")
        assert [(m.author, m.at, m.subject, m.text, m.new_text, m.automatic) for m in messages] == [
            (m.author, m.at, m.subject, m.text, m.new_text, m.automatic) for m in told[key].messages
        ]
        assert [(n.at, n.text) for n in Note.objects.filter(case=case).order_by("id")] == [
            (n.at, n.text) for n in told[key].notes
        ]


def test_a_plan_has_been_begun(filled: Filled) -> None:
    [plan] = Plan.objects.all()
    tasks = list(Task.objects.filter(plan=plan).order_by("place"))
    assert [task.title for task in tasks] == [step["title"] for step in plan.steps]
    assert [task.done_at is not None for task in tasks] == [True, False, False]
    [first, other] = Task.objects.order_by("pk")[2:4]
    assert (first.plan_id, other.plan_id) == (plan.pk, None)
    assert other.due_at == NOW + timedelta(hours=3)


def test_numbers_follow_the_order_of_arrival(filled: Filled) -> None:
    for company in Company.objects.all():
        cases = list(Case.objects.filter(company=company).order_by("number"))
        assert [c.number for c in cases] == list(range(1001, 1001 + len(cases)))
        assert all(a.opened_at <= b.opened_at for a, b in pairwise(cases))
        assert NumberCounter.objects.get(company=company).last == cases[-1].number


def test_the_sample_desk_knows_what_it_asks(filled: Filled, told: dict[tuple[str, int], SampleCase]) -> None:
    kind = Field.objects.get(label="対応区分")
    assert (kind.required, Field.objects.get(label="その他の内容").only_if) == (True, kind)
    answered = [case for key, case in rows(filled).items() if values_of(told[key])]
    assert len(answered) > 50
    assert all(case.desk_id == kind.desk_id and case.filled[kind.key] in kind.choices for case in answered)
    assert {case.filled[kind.key] for case in answered} >= {"使い方の案内", "書類・登録", "その他"}
    at_rest = Case.objects.filter(
        desk=kind.desk_id, status__in=["solved", "closed"], first_replied_at__isnull=False
    )
    assert [case for case in at_rest if kind.key not in case.filled] == []
    logged = Event.objects.filter(kind="case.filled", data__field=kind.pk).count()
    assert logged == len(answered)


def test_macros_and_rules_are_there(filled: Filled) -> None:
    assert Macro.objects.filter(deleted_at=None).count() == 2
    assert sorted(Rule.objects.values_list("state", flat=True)) == ["active", "active", "paused"]


def test_people_are_in_the_midst_of_something(filled: Filled) -> None:
    waiting = {answer.state: answer for answer in PendingAnswer.objects.select_related("user", "case")}
    assert waiting.keys() == {"returned", "awaiting"}
    assert waiting["returned"].user.email == "sasaki@hanamoto.example"
    assert "送料は規定で対象外です。" in waiting["returned"].comment
    assert waiting["awaiting"].word
    assert CaseLink.objects.get().kind == "parent"
    assert Follow.objects.filter(user__email="sasaki@hanamoto.example").exists()


# ------------------------------------------------------------------ right in itself


def test_addresses_are_canonical(filled: Filled) -> None:
    identities = list(Identity.objects.all())
    assert {i.kind for i in identities} == {"email", "phone"}
    assert [i.written for i in identities if i.value != canonical(i.kind, i.written)] == []


def test_who_is_responsible_works_at_the_desk(filled: Filled) -> None:
    for case in Case.objects.exclude(assignee=None):
        here = staff_of_desk(case.desk_id, company=case.company_id)
        assert here.filter(pk=case.assignee_id).exists()


def test_mentions_are_those_the_note_action_would_find(filled: Filled) -> None:
    mentioned = defaultdict(set)
    for mention in Mention.objects.all():
        mentioned[mention.note_id].add(mention.user_id)
    assert len(mentioned) > 20
    for note in Note.objects.select_related("case"):
        staff = list(staff_of_desk(note.case.desk_id, company=note.company_id))
        assert {p.pk for p in named_in(note.text, staff)} == mentioned[note.pk]


def test_attached_files_can_be_read(filled: Filled, settings: Any) -> None:
    settings.FILES_ROOT = filled.folder
    attachments = list(Attachment.objects.all())
    assert len(attachments) > 50
    for attachment in attachments:
        content = files.read(attachment.sha256, company=attachment.company_id)
        assert len(content) == attachment.size
        assert {"image/jpeg": b"\xff\xd8", "image/png": b"\x89P", "application/pdf": b"%P"}[
            attachment.content_type
        ] == content[:2]


def test_all_that_we_said_has_left_in_its_thread(filled: Filled) -> None:
    ours = Message.objects.exclude(author="customer")
    assert set(Outgoing.objects.values_list("message_id", flat=True)) == {m.pk for m in ours}
    for outgoing in Outgoing.objects.select_related("message__case"):
        message = outgoing.message
        assert (outgoing.state, outgoing.external_id) == ("sent", message.external_id)
        assert message.case.reply_token in message.external_id
        earlier = Message.objects.filter(case=message.case, channel="email", at__lt=message.at)
        ids = list(earlier.order_by("at", "id").values_list("external_id", flat=True))
        assert outgoing.references.split("\n") == (ids or [""])
        assert outgoing.in_reply_to == (ids[-1] if ids else "")


def test_each_company_sees_its_own_alone(filled: Filled) -> None:
    counted = Counter(Case.objects.values_list("company_id", flat=True))
    assert len(counted) == 3
    for company, count in counted.items():
        with scope.acting_for([company]), connection.cursor() as cursor:
            for table in ("cases_case", "cases_message", "customers_customer", "infra_event"):
                cursor.execute(f"SELECT DISTINCT company_id FROM {table}")
                assert cursor.fetchall() == [(company,)], table
            cursor.execute("SELECT count(*) FROM cases_case")
            assert cursor.fetchone() == (count,)


# ------------------------------------------------------------------ the log


def test_the_log_tells_every_case_from_its_beginning(filled: Filled) -> None:
    by_case = defaultdict(list)
    for event in Event.objects.exclude(case_id=None).order_by("id"):
        by_case[event.case_id].append(event)
    for case in Case.objects.all():
        kinds = [event.kind for event in by_case[case.pk]]
        assert kinds[0] == "case.opened"
        assert kinds.count("case.opened") == 1
        messages = Message.objects.filter(case=case)
        assert 1 + kinds.count("message.received") == messages.filter(author="customer").count()
        assert kinds.count("message.written") == kinds.count("message.sent")
        assert kinds.count("message.written") == messages.exclude(author="customer").count()
        assert [e.at for e in by_case[case.pk]] == sorted(e.at for e in by_case[case.pk])
        assert replayed(by_case[case.pk]) == (case.status, case.assignee_id)


def replayed(events: list[Event]) -> tuple[str, int | None]:
    """Status and person responsible, from the events alone."""
    status, assignee = Status.NEW.value, None
    for event in events:
        if event.kind == "case.status":
            assert event.data["before"] == status
            status = event.data["after"]
        elif event.kind == "case.assigned":
            assignee = event.data["after"]
        elif event.kind == "message.received":
            status = status if status == Status.NEW else Status.OPEN.value
    return status, assignee


def test_whoever_acted_is_named(filled: Filled) -> None:
    names = dict(User.objects.values_list("id", "name"))
    for event in Event.objects.filter(actor_kind="person"):
        assert names[event.actor_id] == event.actor_name
    kinds = Event.objects.filter(actor_kind="system", case_id__isnull=False).values_list("kind", "actor_name")
    assert set(kinds) == {
        ("case.opened", "intake"),
        ("message.received", "intake"),
        ("message.written", "delivery"),
        ("message.sent", "delivery"),
        ("case.status", "cases"),
        ("clock.breached", "promises"),
    }


def test_acknowledgements_name_the_event_they_answer(filled: Filled) -> None:
    causes = dict(Outgoing.objects.exclude(cause=None).values_list("cause", "message__case_id"))
    opened = dict(Event.objects.filter(kind="case.opened").values_list("id", "case_id"))
    assert len(causes) > CASES - 5
    assert causes.items() <= opened.items()


# ------------------------------------------------------------------ living on


def test_the_passwords_are_kept_for_the_owner_alone(filled: Filled, settings: Any) -> None:
    file = filled.folder / NAME
    assert filled.loaded.sign_ins == file
    assert file.stat().st_mode & 0o777 == 0o600
    kept = json.loads(file.read_text())
    assert [row["email"].partition("@")[0] for row in kept] == list(SHOWN)
    assert all(set(row) == {"email", "password", "role", "name", "where"} for row in kept)
    assert len(kept[0]["password"]) == 19
    user = authenticate(username=kept[0]["email"], password=kept[0]["password"])
    assert user is not None
    assert user.name == kept[0]["name"]


def test_the_search_index_is_left_to_the_worker(filled: Filled) -> None:
    assert Document.objects.count() == 0
    assert still_indexing() == Share(done=0, found=0, cases=CASES)


def test_the_next_case_goes_on_from_there(filled: Filled) -> None:
    point = EntryPoint.objects.get(address="repair@hanamoto.example")
    last = NumberCounter.objects.get(company=point.company_id).last
    with transaction.atomic():
        case = make_case(point)
        assert case.number == last + 1
        assert Message.objects.filter(case=case).count() == 1
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
class TestFromTheBeginning:
    """Whole runs, with transactions of their own."""

    @pytest.fixture(autouse=True)
    def folder(self, settings: Any, tmp_path: Path) -> Path:
        settings.DATA = settings.FILES_ROOT = tmp_path
        return tmp_path

    def test_readers_begin_with_what_comes_next(self) -> None:
        reactions.enrol()
        load(cases=20, now=NOW)
        sent = self.outgoing()
        with scope.everywhere(reason=_REASON):
            readers = Reader.objects.all()
            assert {reader.name for reader in readers} == {
                reaction.name for reaction in reactions.registered()
            }
            assert [read_after(Cursor(reader.tx, reader.event_id)) for reader in readers] == [[]] * len(
                readers
            )
        assert reactions.run_all() == 0
        assert self.outgoing() == sent

    def test_a_reader_that_reads_the_past_acknowledges_nobody_twice(self) -> None:
        reactions.enrol()
        load(cases=20, now=NOW)
        sent = self.outgoing()
        with scope.everywhere(reason=_REASON):
            Reader.objects.filter(name="delivery.acknowledge").update(tx=0, event_id=0)
        assert reactions.run_all() == 20
        assert self.outgoing() == sent

    def outgoing(self) -> int:
        with scope.everywhere(reason=_REASON):
            return Outgoing.objects.count()

    def test_more_can_be_added(self, folder: Path) -> None:
        first = load(cases=21, now=NOW)
        passwords = (folder / NAME).read_text()
        second = load(cases=30, now=NOW)
        assert first.sign_ins
        assert second.sign_ins is None
        assert (folder / NAME).read_text() == passwords
        with scope.everywhere(reason=_REASON):
            assert Case.objects.count() == 51
            assert User.objects.count() == 40
            numbers = Counter(Case.objects.values_list("company_id", "number"))
            assert set(numbers.values()) == {1}
            for counter in NumberCounter.objects.all():
                mine = [number for company, number in numbers if company == counter.company_id]
                assert sorted(mine) == list(range(1001, counter.last + 1))

    def test_the_same_size_and_moment_make_the_same_world(self) -> None:
        load(cases=12, now=NOW)
        with scope.everywhere(reason=_REASON):
            texts = list(Message.objects.order_by("at", "case__number").values_list("text", flat=True))
        teller = Storyteller(now=NOW)
        said = {m.text.partition("\n\n")[2] for i in range(12) for m in teller.case(i, lambda _: 1).messages}
        assert len(texts) > 30
        assert sum(text.partition("\n\n")[2] in said for text in texts) > len(texts) * 0.7

    def test_an_interrupted_seed_leaves_nothing(self) -> None:
        def stop(_done: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            load(cases=10, now=NOW, progress=stop)
        assert is_empty()

    def test_what_is_in_the_way_stays_and_nothing_is_added(self) -> None:
        make_company(name="べつの会社", slug="hanamoto", prefix="ZZ")
        with pytest.raises(Refused):
            load(cases=10, now=NOW)
        with scope.everywhere(reason=_REASON):
            assert [c.name for c in Company.objects.all()] == ["べつの会社"]
            assert not Case.objects.exists()

    def test_an_installation_is_empty_until_somebody_is_there(self) -> None:
        assert is_empty()
        make_company()
        assert not is_empty()


# ------------------------------------------------------------------ what is kept


def test_every_desk_keeps_something_and_what_is_to_be_done_runs_out(filled: Filled) -> None:
    kept = {one.desk_id: one for one in ServiceLevels.objects.all()}
    assert set(kept) == set(Desk.objects.values_list("id", flat=True))
    assert {(one.active, one.version) for one in kept.values()} == {(True, 1)}

    active = Case.objects.filter(status__in=["new", "open"])
    assert active.count() > 0
    assert active.filter(due_at=None).count() == 0
    assert Clock.objects.filter(state="running").exists()
    for case in active[:5]:
        stood = [(row.metric, row.cycle, row.state, row.due_at) for row in clocks_of(case)]
        with clock.held_at(NOW):
            read_clocks(case.pk)
        assert [(row.metric, row.cycle, row.state, row.due_at) for row in clocks_of(case)] == stood


def test_people_have_read_what_is_a_day_old_and_not_what_is_new(filled: Filled) -> None:
    active = Case.objects.exclude(status__in=[Status.SOLVED, Status.CLOSED])
    old = dict(active.filter(touched_at__lt=NOW - timedelta(days=1)).values_list("pk", "desk"))
    new = list(active.filter(touched_at__gte=NOW - timedelta(days=1)).values_list("pk", flat=True))
    assert (bool(old), bool(new)) == (True, True)
    for person in User.objects.filter(pk__in=Case.objects.exclude(assignee=None).values("assignee"))[:3]:
        at = {desk for desk in set(old.values()) if person in staff_of_desk(desk, company=_company_of(desk))}
        seated = set(Seen.objects.filter(user=person).values_list("case_id", flat=True))
        assert seated <= {pk for pk, desk in old.items() if desk in at}
        assert not seated & unread_among(list(old), person=person.pk)
    assert Seen.objects.exists()


def _company_of(desk: int) -> int:
    return Desk.objects.get(pk=desk).company_id


def test_the_phone_has_figures_of_the_last_week_and_no_call_became_a_case(filled: Filled) -> None:
    calls = list(Call.objects.order_by("offered_at"))
    desk = calls[0].desk_id
    assert {call.desk_id for call in calls} == {desk}
    assert {call.message_id for call in calls} == {None}
    assert all(NOW - timedelta(days=9) < call.offered_at < NOW for call in calls)
    assert unremembered(ended_before=NOW) == []
    week = Span(NOW - timedelta(days=8), NOW, NOW)
    wanted = Wanted(company=calls[0].company_id, span=week)
    named = ("response_rate", "asa", "aht", "got_through", "called_again")
    found = [one.value for one in figures(wanted, [definition(name) for name in named])]
    assert all(found)
    # Who gave up and called again within minutes is one caller, with whom somebody talked.
    assert any(call.tries == 2 and call.outcome == Call.Ending.TALKED for call in calls)
