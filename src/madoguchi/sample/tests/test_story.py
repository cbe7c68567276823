"""Sample cases: the same for ever, believable, and true to themselves."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from madoguchi.cases.models import Status
from madoguchi.kernel.text import blot_card_numbers, clean
from madoguchi.sample.arrivals import DAYS, wall
from madoguchi.sample.attachments import CONTENT_TYPES, FILES
from madoguchi.sample.content import SampleCase
from madoguchi.sample.corpus import topics_of
from madoguchi.sample.customers import count_for, customer_of_case
from madoguchi.sample.facts import facts_of, name_agent
from madoguchi.sample.grammar import stream
from madoguchi.sample.letters import first_letter
from madoguchi.sample.story import Storyteller
from madoguchi.sample.world import TEXTS, sample_world

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
WORLD = sample_world()
_HOST = re.compile(r"(?:@|//)([\w-]+(?:\.[\w-]+)+)", re.ASCII)
MANNERS = ("polite", "plain", "brief", "warm", "hurry", "angry", "firm")


@pytest.fixture(scope="module")
def teller() -> Storyteller:
    return Storyteller(now=NOW)


@pytest.fixture(scope="module")
def cases(teller: Storyteller) -> list[SampleCase]:
    """Enough of them that every topic comes up."""
    return [teller.case(index, lambda _, n=1001 + index: n) for index in range(4000)]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from strings(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name))


def spoken(case: SampleCase) -> list[Any]:
    """What people said, without automatic words."""
    return [message for message in case.messages if not message.automatic]


# ------------------------------------------------------------------ the same for ever


def test_the_same_index_makes_the_same_case(teller: Storyteller, cases: list[SampleCase]) -> None:
    again = Storyteller(now=NOW)
    for index in (3999, 17, 0, 17):
        assert again.case(index, lambda _, n=1001 + index: n) == cases[index]


def test_another_number_changes_nothing_but_the_number(teller: Storyteller, cases: list[SampleCase]) -> None:
    def without_number(case: SampleCase, number: str) -> SampleCase:
        messages = tuple(
            replace(
                m,
                subject=m.subject.replace(number, "-"),
                text=m.text.replace(number, "-"),
            )
            for m in case.messages
        )
        return replace(case, number=0, messages=messages)

    for index in range(200):
        prefix = WORLD.company(cases[index].company).prefix
        other = without_number(teller.case(index, lambda _: 987_654), f"{prefix}-987654")
        assert other == without_number(cases[index], f"{prefix}-{1001 + index}")


def test_another_seed_makes_another_world(cases: list[SampleCase]) -> None:
    other = Storyteller(now=NOW, seed=2)
    assert sum(other.case(i, lambda _: 1001).customer.name == cases[i].customer.name for i in range(100)) < 10


def test_every_customer_of_a_case_exists_and_brings_at_least_one() -> None:
    owners = [customer_of_case(index) for index in range(6000)]
    assert set(owners) == set(range(count_for(6000)))
    assert max(Counter(owners).values()) >= 5


# ------------------------------------------------------------------ nobody real, nothing broken


def test_every_address_is_reserved_for_examples(cases: list[SampleCase]) -> None:
    hosts = {h for case in cases for t in strings(case) for h in _HOST.findall(t)}
    assert len(hosts) > 100
    assert [host for host in hosts if not host.endswith(".example")] == []


def test_no_phone_number_can_belong_to_anybody(teller: Storyteller) -> None:
    phones = [p for p in (teller.customer(k).phone for k in range(3000)) if p]
    assert len(phones) > 2000
    assert [p for p in phones if not p.split("-")[1].startswith("0")] == []
    assert {len(p.replace("-", "")) for p in phones} == {10, 11}


def test_addresses_and_numbers_are_nobody_elses(teller: Storyteller) -> None:
    people = [teller.customer(k) for k in range(20_000)]
    assert len({p.email for p in people}) == 20_000
    phones = [p.phone for p in people if p.phone]
    assert len(set(phones)) == len(phones)


def test_all_text_is_stored_as_it_would_be_cleaned(cases: list[SampleCase]) -> None:
    for case in cases[:1500]:
        for text in strings(case):
            assert clean(text) == text
            assert blot_card_numbers(text) == text


def test_the_texts_themselves_are_composed(cases: list[SampleCase]) -> None:
    for file in TEXTS.glob("*.toml"):
        text = file.read_text("utf-8")
        assert unicodedata.is_normalized("NFC", text), file.name
        tomllib.loads(text)


@pytest.mark.parametrize("manner", MANNERS)
def test_every_topic_can_be_written_about_in_every_manner(teller: Storyteller, manner: str) -> None:
    """Whatever is drawn, no fact is missing and no mark of the notation is left."""
    for company in WORLD.companies:
        indexes = (k for k in range(200) if teller.customer(k).company == company.key)
        customer, agent = teller.customer(next(indexes)), WORLD.people[7]
        for topic in topics_of(company.key).topics:
            desk = WORLD.desk(topic.desk)
            facts = facts_of(stream(1, 8, 1), topic, customer, company, desk, wall(NOW))
            name_agent(facts, agent)
            letter = first_letter(stream(1, 9, 1), topic, manner, facts, form=False)
            assert letter.subject
            assert not set("‹›{}|") & set(letter.text + letter.subject + letter.quotable), topic.key


def test_no_mark_of_the_notation_is_left_in_any_case(cases: list[SampleCase]) -> None:
    for case in cases:
        said = [m.text for m in case.messages] + [n.text for n in case.notes] + [case.subject]
        assert [t for t in said if set("‹›{}|｜") & set(t) or "[[" in t or "None" in t] == []


def test_an_inbox_does_not_repeat_itself(cases: list[SampleCase]) -> None:
    first = [(case.subject, case.messages[0].text) for case in cases[:100]]
    assert len({text for _, text in first}) == 100
    assert len({subject for subject, _ in first}) > 85


def test_all_that_one_expects_comes_up(cases: list[SampleCase]) -> None:
    for company in WORLD.companies:
        told = {case.topic for case in cases if case.company == company.key}
        assert {t.key for t in topics_of(company.key).topics} - told == set()
    names = "".join(case.customer.name for case in cases)
    for hard in ("髙橋", "山﨑", "斎藤", "齋藤", "渡邊", "渡邉", "𠮷", "グエン", "James", "協議会"):
        assert hard in names, hard
    assert {case.channel for case in cases} == {"email", "form"}
    assert {case.language for case in cases} == {"ja", "en"}
    assert {case.status for case in cases} == {str(status) for status in Status}
    assert {case.priority for case in cases} == {1, 2, 3, 4}


# ------------------------------------------------------------------ true to itself


def test_conversations_are_of_one_to_ten_messages_and_three_or_four_as_a_rule(
    cases: list[SampleCase],
) -> None:
    lengths = [len(spoken(case)) for case in cases]
    assert min(lengths) == 1
    assert 7 < max(lengths) <= 10
    assert 3.2 < sum(lengths) / len(lengths) < 3.8


def test_everything_happens_in_its_order_within_the_ninety_days(cases: list[SampleCase]) -> None:
    for case in cases:
        assert NOW - timedelta(days=DAYS, hours=1) < case.opened_at <= NOW
        times = [message.at for message in case.messages]
        assert times == sorted(times), case.index
        assert times[0] == case.opened_at
        every = [*times, *(n.at for n in case.notes), *(c.at for c in case.changes)]
        assert max(every) <= NOW, case.index
        assert min(every) == case.opened_at, case.index
        assert [c.at for c in case.changes] == sorted(c.at for c in case.changes), case.index
        assert case.touched_at == spoken(case)[-1].at


def test_the_status_is_what_has_been_said(cases: list[SampleCase]) -> None:
    for case in cases:
        last, human = spoken(case)[-1], [m for m in case.messages if m.author == "staff"]
        if case.status == Status.NEW:
            assert (case.assignee, human) == ("", []), case.index
        else:
            assert case.assignee, case.index
        if case.status in (Status.NEW, Status.OPEN):
            assert last.author == "customer", case.index
        if case.status in (Status.WAITING_CUSTOMER, Status.WAITING_THIRD):
            assert last.author == "staff", case.index
        at_rest = case.status in (Status.SOLVED, Status.CLOSED)
        assert (case.solved_at is not None) == at_rest, case.index
        assert (case.first_replied_at is not None) == bool(human), case.index


def test_who_waits_for_us_waits_since_their_first_unanswered_word(cases: list[SampleCase]) -> None:
    for case in cases:
        unanswered = []
        for message in spoken(case):
            unanswered = [*unanswered, message.at] if message.author == "customer" else []
        at_rest = case.status in (Status.SOLVED, Status.CLOSED)
        assert case.waiting_since == (None if at_rest or not unanswered else unanswered[0]), case.index


def test_changes_lead_from_new_to_where_the_case_stands(cases: list[SampleCase]) -> None:
    for case in cases:
        steps = [c for c in case.changes if c.field == "status"]
        chain = [Status.NEW, *(c.after for c in steps)]
        assert [c.before for c in steps] == chain[:-1], case.index
        assert chain[-1] == case.status, case.index
        assert all(a != b for a, b in pairwise(chain)), case.index
        assigned = [c.after for c in case.changes if c.field == "assignee"]
        assert assigned == ([case.assignee] if case.assignee else []), case.index


def test_old_cases_are_settled_and_young_ones_in_work(cases: list[SampleCase]) -> None:
    active = [c for c in cases if c.status not in (Status.SOLVED, Status.CLOSED)]
    assert 60 < len(active) < 400
    assert min(c.opened_at for c in active) > NOW - timedelta(days=21)


def test_only_people_of_the_desk_answer_note_and_are_named(cases: list[SampleCase]) -> None:
    staff = {d.key: {p.key for p in WORLD.people if d.key in p.desks} for d in WORLD.desks}
    families = {p.key: p.family for p in WORLD.people}
    for case in cases:
        here = staff[case.desk]
        acting = {m.person for m in case.messages} | {n.person for n in case.notes} | {case.assignee}
        assert acting - here <= {""}, case.index
        for note in case.notes:
            assert set(note.mentions) <= here - {note.person}, case.index
            assert all(f"@{families[key]}" in note.text for key in note.mentions), case.index
            assert ("@" in note.text) == bool(note.mentions), case.index


def test_answers_leave_during_the_hours_of_the_desk(cases: list[SampleCase]) -> None:
    desks = {d.key: d for d in WORLD.desks}
    for case in cases:
        desk = desks[case.desk]
        for message in case.messages:
            if message.author == "staff":
                local = datetime.fromtimestamp(wall(message.at), UTC)
                opens, closes = desk.opens[local.weekday()], desk.closes[local.weekday()]
                assert opens <= local.hour < closes, (case.index, local)


def test_a_first_contact_is_acknowledged_with_the_number(cases: list[SampleCase]) -> None:
    for case in cases:
        automatic = [m for m in case.messages if m.automatic]
        if not automatic:
            assert NOW - case.opened_at < timedelta(minutes=1), case.index
            continue
        number = f"{WORLD.company(case.company).prefix}-{case.number}"
        assert automatic == [case.messages[1]], case.index
        assert number in automatic[0].text
        assert number in automatic[0].subject


def test_what_is_said_to_be_enclosed_is_there(cases: list[SampleCase]) -> None:
    enclosed = 0
    for case in cases:
        for message in case.messages:
            if "添付" in (message.new_text or message.text) and message.author == "staff":
                assert message.files, (case.index, message.text)
            for file in message.files:
                enclosed += 1
                assert (FILES / file.asset).is_file(), file
                assert file.filename.rpartition(".")[2] == file.asset.rpartition(".")[2]
                assert file.asset.rpartition(".")[2] in CONTENT_TYPES
    assert enclosed > 400


def test_answers_address_the_customer_and_end_with_the_desks_signature(cases: list[SampleCase]) -> None:
    for case in cases:
        desk = WORLD.desk(case.desk)
        for message in case.messages:
            if message.author == "staff":
                assert message.text.endswith(desk.signature), case.index
                assert case.customer.family in message.text.split("\n\n")[0], case.index


def test_desks_receive_by_day_and_hardly_by_night(cases: list[SampleCase]) -> None:
    hours = Counter((case.opened_at + timedelta(hours=9)).hour for case in cases)
    assert sum(hours[h] for h in range(9, 23)) / len(cases) > 0.85
    assert sum(hours[h] for h in range(1, 5)) / len(cases) < 0.02
