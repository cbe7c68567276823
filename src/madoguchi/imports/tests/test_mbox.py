"""Mailboxes: threads are right, our own addresses decide who speaks, and the times are those of then."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from madoguchi.delivery.models import Outgoing
from madoguchi.imports.actions import target_of
from madoguchi.imports.actions.target import Target
from madoguchi.imports.mbox import open_mbox
from madoguchi.imports.models import Origin
from madoguchi.imports.records import Mail
from madoguchi.imports.reports import Report
from madoguchi.imports.running import preview, run
from madoguchi.imports.sources import Asked, Meter
from madoguchi.imports.tests.desks import mail, mbox, told
from madoguchi.infra import reactions, scope
from madoguchi.infra.event_log import Cursor, read_after
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search import queries

T0 = datetime(2024, 5, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def target(world: World) -> Target:
    """The first company's desk."""
    return target_of(world.ours.entry_point, source="mbox", importer=world.ours.supervisor.pk)


def conversation(ours: str) -> list[bytes]:
    """She writes, we answer, she thanks; somebody else writes in between."""
    return [
        mail(T0 + timedelta(hours=2), id="m3@home.example", answers="a1@ours.example", text="届きました。"),
        mail(T0),
        mail(
            T0 + timedelta(hours=1),
            id="a1@ours.example",
            sender=f"ひなた衣料 <{ours}>",
            to="hanako@home.example",
            answers="m1@home.example",
            text="発送しました。",
        ),
        mail(T0 + timedelta(minutes=5), id="x1@b.example", sender="b@b.example", subject="色", text="青は?"),
    ]


def bring(path: Path, target: Target) -> Report:
    report = Report(path.with_suffix(".jsonl"))
    with report:
        assert run(open_mbox((path,), Asked()), target, report=report, progress=lambda _n: None) is True
    return report


@pytest.mark.django_db
def test_a_conversation_is_what_it_was(world: World, target: Target, tmp_path: Path) -> None:
    ours = world.ours.entry_point.address
    box = mbox(tmp_path / "box", *conversation(ours))

    report = bring(box, target)

    assert report.counts == {"mail": {"created": 4}}
    assert told(world.ours) == [
        {
            "subject": "届きません",
            "customer": "佐藤 花子",
            "status": "open",
            "opened": "2024-05-01T01:00:00+00:00",
            "said": [
                ("2024-05-01T01:00:00+00:00", "customer", "hanako@home.example", "注文した品が届きません。"),
                ("2024-05-01T02:00:00+00:00", "staff", ours, "発送しました。"),
                ("2024-05-01T03:00:00+00:00", "customer", "hanako@home.example", "届きました。"),
            ],
        },
        {
            "subject": "色",
            "customer": "",
            "status": "new",
            "opened": "2024-05-01T01:05:00+00:00",
            "said": [("2024-05-01T01:05:00+00:00", "customer", "b@b.example", "青は?")],
        },
    ]
    assert told(world.theirs) == []


@pytest.mark.django_db
def test_a_second_run_changes_nothing(world: World, target: Target, tmp_path: Path) -> None:
    box = mbox(tmp_path / "box", *conversation(world.ours.entry_point.address))
    bring(box, target)
    before = told(world.ours)

    assert bring(box, target).counts == {"mail": {"skipped": 4}}

    assert told(world.ours) == before


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_and_all_is_found(world: World, target: Target, tmp_path: Path) -> None:
    bring(mbox(tmp_path / "box", *conversation(world.ours.entry_point.address)), target)

    with scope.everywhere(reason="a test looks at the log"):
        *came, ran = read_after(Cursor())
        assert {event.carried for event in came} == {True}
        assert (ran.kind, ran.carried) == ("import.ran", False)
    reactions.run_all()
    with scope.everywhere(reason="a test looks at everything"):
        assert Outgoing.objects.count() == 0
    with world.ours.scope():
        found = queries.search("発送", actor=actor_of(world.ours.agent), desks=[world.ours.desk])
    assert len(found.hits) == 1


@pytest.mark.django_db
def test_what_was_last_said_long_ago_is_solved(world: World, target: Target, tmp_path: Path) -> None:
    target.solved_before = T0 + timedelta(hours=1)

    bring(mbox(tmp_path / "box", *conversation(world.ours.entry_point.address)), target)

    assert [case["status"] for case in told(world.ours)] == ["open", "solved"]


@pytest.mark.django_db
def test_former_addresses_of_ours_are_ours(world: World, target: Target, tmp_path: Path) -> None:
    target.also_ours = ("old@hinata.example",)
    began = mail(
        T0, sender="old@hinata.example", to="c@c.example", text="リコールのお知らせ", id="r@ours.example"
    )
    answer = mail(T0 + timedelta(days=1), sender="c@c.example", text="対象です。", answers="r@ours.example")

    bring(mbox(tmp_path / "box", began, answer), target)

    [case] = told(world.ours)
    assert [(author, text) for _at, author, _who, text in case["said"]] == [
        ("staff", "リコールのお知らせ"),
        ("customer", "対象です。"),
    ]
    assert case["status"] == "open"


@pytest.mark.django_db
def test_each_mail_says_where_it_came_from(world: World, target: Target, tmp_path: Path) -> None:
    bring(mbox(tmp_path / "box", mail(T0)), target)

    with world.ours.scope():
        [origin] = Origin.objects.all()
    assert (origin.source, origin.kind) == ("mbox", "mail")
    assert origin.external_id.startswith("m1@home.example ")


@pytest.mark.django_db
def test_a_preview_counts_and_writes_nothing(world: World, target: Target, tmp_path: Path) -> None:
    box = mbox(tmp_path / "box", *conversation(world.ours.entry_point.address))
    report = Report(None)

    assert preview(open_mbox((box,), Asked()), target, report=report, progress=lambda _n: None) is True

    assert report.counts == {"mail": {"created": 4}}
    assert told(world.ours) == []
    with scope.everywhere(reason="a test looks at everything"):
        assert (Origin.objects.count(), Event.objects.count()) == (0, 0)


def records(path: Path) -> list[Mail]:
    return [one for one in open_mbox((path,), Asked()).records(Meter()) if isinstance(one, Mail)]


@pytest.mark.parametrize(
    "line",
    ["From now on it is 2026 blue.", "From 2019 on we bought here.", "From here", "From 10:00 to 11:30"],
)
def test_a_line_that_begins_with_from_parts_no_mail(tmp_path: Path, line: str) -> None:
    path = tmp_path / "box"
    head = "From - Wed May 01 10:00:00 2024\nFrom: a@a.example\nDate: Wed, 01 May 2024 01:00:00 +0000\n\n"
    path.write_text(f"{head}hello\n\n{line}\nbye\n")

    [found] = records(path)

    assert found.at == T0
    assert found.raw.endswith(f"hello\n\n{line}\nbye\n".encode())


def test_quoted_lines_are_as_they_were(tmp_path: Path) -> None:
    plain = b"From: a@a.example\nDate: Wed, 01 May 2024 01:00:00 +0000\n\nhello\n\nFrom the 1st of 2024\n>From x\n"

    [found] = records(mbox(tmp_path / "box", plain))

    assert found.raw == plain.replace(b">From x", b"From x") + b"\n"


def test_a_mail_without_a_date_was_sent_when_the_mailbox_says(tmp_path: Path) -> None:
    [found] = records(mbox(tmp_path / "box", b"From: a@a.example\nDate: 32 Foo 1066\n\nhello\n"))

    assert found.at == datetime(2026, 8, 1, 10, tzinfo=UTC)


def test_what_is_no_mailbox_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(b"id,subject\n1,2\n")

    with pytest.raises(Refused, match="no mbox file"):
        open_mbox((path,), Asked())
