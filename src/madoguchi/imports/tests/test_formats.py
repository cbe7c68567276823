"""The same little desk, told in each format, gives the same rows."""

import json
from pathlib import Path
from typing import Any

import pytest

from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.delivery.models import Outgoing
from madoguchi.imports.actions import target_of
from madoguchi.imports.actions.target import Target
from madoguchi.imports.models import Origin
from madoguchi.imports.records import Bad
from madoguchi.imports.reports import Report
from madoguchi.imports.running import SOURCES, preview, run
from madoguchi.imports.sources import Asked, Meter
from madoguchi.imports.tests.formats import AGENT, ANSWERED, ASKED, FORMATS, HER, HIM, NOTED, OURS
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
T1, T2, T3, T4 = (f"2024-05-01T0{hour}:00:00+00:00" for hour in (1, 2, 3, 4))
EVERY_FORMAT = pytest.mark.parametrize("format_", FORMATS)


@pytest.fixture
def target(world: World) -> Target:
    """The desk of the story: its agent is known here by the address of there."""
    with world.ours.scope():
        EntryPoint.objects.filter(pk=world.ours.entry_point.pk).update(address=OURS)
        world.ours.entry_point.refresh_from_db()
    User.objects.filter(pk=world.ours.agent.pk).update(email=AGENT, name="鈴木 一郎")
    return _target(world)


def _target(world: World) -> Target:
    return target_of(world.ours.entry_point, source="there", importer=world.ours.supervisor.pk)


def bring(format_: str, folder: Path, target: Target, *, only_look: bool = False) -> dict[str, Any]:
    system, made = FORMATS[format_]
    report = Report(None)
    work = preview if only_look else run
    assert work(SOURCES[system](made(folder), Asked()), target, report=report, progress=lambda _n: None)
    assert report.first == []
    return {kind: dict(counts) for kind, counts in report.counts.items()}


def rows() -> list[dict[str, Any]]:
    with scope.everywhere(reason="a test looks at everything"):
        cases = Case.objects.select_related("customer", "assignee").order_by("opened_at")
        return [_row(case) for case in cases]


def _row(case: Case) -> dict[str, Any]:
    return {
        "case": (case.subject, case.status, case.priority, case.tags),
        "customer": (case.customer.name, [i.value for i in case.customer.identities.all()]),
        "assignee": case.assignee.email if case.assignee else "",
        "times": [
            moment and moment.isoformat()
            for moment in (case.opened_at, case.first_replied_at, case.waiting_since)
        ],
        "said": [
            (m.at.isoformat(), m.author, m.sender_address, m.sender_name, m.text.strip())
            for m in case.messages.order_by("at")
        ],
        "notes": [(n.at.isoformat(), n.user.email, n.text) for n in case.notes.order_by("at")],
    }


def whole_story() -> list[dict[str, Any]]:
    return [
        {
            "case": ("届きません", "solved", 3, ["配送", "vip"]),
            "customer": ("佐藤 花子", [HER]),
            "assignee": AGENT,
            "times": [T1, T2, None],
            "said": [
                (T1, "customer", HER, "佐藤 花子", ASKED),
                (T2, "staff", AGENT, "鈴木 一郎", ANSWERED),
            ],
            "notes": [(T3, AGENT, NOTED)],
        },
        {
            "case": ("色", "new", 2, []),
            "customer": ("田中", [HIM]),
            "assignee": "",
            "times": [T4, None, T4],
            "said": [(T4, "customer", HIM, "田中", "青は?")],
            "notes": [],
        },
    ]


def as_known_by(format_: str) -> list[dict[str, Any]]:
    """The story as far as the format can tell it."""
    story = whole_story()
    if format_ == "mbox":
        first = story[0]
        first["case"] = ("届きません", "waiting_customer", 2, [])
        first["assignee"], first["notes"] = "", []
        first["said"][1] = (T2, "staff", OURS, "鈴木 一郎", ANSWERED)
    if format_ == "osticket":
        story[0]["case"] = ("届きません", "solved", 2, [])
        story[1]["case"] = ("色", "open", 2, [])
    return story


@EVERY_FORMAT
def test_each_tells_the_same(world: World, target: Target, tmp_path: Path, format_: str) -> None:
    bring(format_, tmp_path, target)

    assert rows() == as_known_by(format_)
    with scope.everywhere(reason="a test looks at everything"):
        assert {case.company_id for case in Case.objects.all()} == {world.ours.company.pk}
        assert {event.carried for event in Event.objects.all()} == {True}
        assert Outgoing.objects.count() == 0


@EVERY_FORMAT
def test_a_second_run_changes_nothing(world: World, target: Target, tmp_path: Path, format_: str) -> None:
    first = bring(format_, tmp_path, target)
    before, counts = rows(), _counts()

    second = bring(format_, tmp_path, _target(world))

    assert {outcome for each in second.values() for outcome in each} == {"skipped"}
    assert {kind: sum(each.values()) for kind, each in second.items()} == {
        kind: sum(each.values()) for kind, each in first.items()
    }
    assert (rows(), _counts()) == (before, counts)


@EVERY_FORMAT
def test_the_preview_tells_what_comes(world: World, target: Target, tmp_path: Path, format_: str) -> None:
    before = _counts()

    foreseen = bring(format_, tmp_path, target, only_look=True)

    assert _counts() == before
    done = bring(format_, tmp_path, target)
    cases = ("case", "mail")
    assert {k: v for k, v in foreseen.items() if k in cases} == {k: v for k, v in done.items() if k in cases}


def _counts() -> list[int]:
    with scope.everywhere(reason="a test looks at everything"):
        return [model.objects.count() for model in (Case, Message, Customer, Origin, Event)]


@pytest.mark.parametrize("format_", ["zendesk, exported", "freshdesk", "zammad", "osticket"])
def test_broken_lines_and_objects_are_told(tmp_path: Path, format_: str) -> None:
    system, made = FORMATS[format_]
    path = made(tmp_path)[0]
    text = path.read_text(encoding="utf-8")
    if text.startswith("[{"):
        path.write_text(text[:-1] + ', {"title": "x", "subject": "x"}, 7, {"id"', encoding="utf-8")
    else:
        path.write_text(text + '{"id": \n', encoding="utf-8")

    found = list(SOURCES[system]((path,), Asked()).records(Meter()))

    wrong = [one for one in found if isinstance(one, Bad)]
    assert wrong[-1].reason == "It is not readable as JSON."
    assert len([one for one in found if not isinstance(one, Bad)]) >= 2


def test_a_newer_export_adds_what_was_said_since(world: World, target: Target, tmp_path: Path) -> None:
    [path] = FORMATS["zendesk, exported"][1](tmp_path)
    _zendesk(path, target)
    one = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    later = {
        "id": 9,
        "author_id": 11,
        "body": "届きました。",
        "public": True,
        "created_at": "2024-05-02T00:00:00Z",
    }
    one["comments"].append(later)
    one["status"] = "closed"
    path.write_text(json.dumps(one), encoding="utf-8")

    assert _zendesk(path, target).counts == {"case": {"updated": 1}}

    first = rows()[0]
    assert [text for *_who, text in first["said"]] == [ASKED, ANSWERED, "届きました。"]
    assert first["case"][1] == "closed"


def test_where_somebody_worked_here_it_stands_as_they_left_it(
    world: World, target: Target, tmp_path: Path
) -> None:
    [path] = FORMATS["zendesk, exported"][1](tmp_path)
    _zendesk(path, target)
    with scope.everywhere(reason="a test does what somebody of the desk would"):
        case = Case.objects.get(subject="色")
        Case.objects.filter(pk=case.pk).update(status="waiting_third", version=case.version + 1)
    other = json.loads(path.read_text(encoding="utf-8").splitlines()[1])
    other["comments"].append(
        {"id": 9, "author_id": 21, "body": "メモ", "public": False, "created_at": "2024-05-02T00:00:00Z"}
    )
    other["status"] = "solved"
    path.write_text(json.dumps(other), encoding="utf-8")

    _zendesk(path, target)

    assert rows()[1]["case"][1] == "waiting_third"
    assert [text for _at, _who, text in rows()[1]["notes"]] == ["メモ"]


def _zendesk(path: Path, target: Target) -> Report:
    report = Report(None)
    run(SOURCES["zendesk"]((path,), Asked()), target, report=report, progress=lambda _n: None)
    return report


def test_a_note_of_somebody_unknown_says_whose_it_is(world: World, target: Target, tmp_path: Path) -> None:
    User.objects.filter(email=AGENT).update(email="other@staff.example", name="別人")

    report = Report(None)
    source = SOURCES["zendesk"](FORMATS["zendesk, exported"][1](tmp_path), Asked())
    run(source, _target(world), report=report, progress=lambda _n: None)

    first = rows()[0]
    assert first["notes"] == [(T3, world.ours.supervisor.email, f"鈴木 一郎: {NOTED}")]
    assert first["assignee"] == ""
    assert [line["reason"] for line in report.first] == [
        f"Nobody at this desk is called {AGENT}: nobody is responsible for such cases."
    ]
