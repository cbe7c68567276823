"""The same little desk, told in each format, gives the same rows."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client

from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Customer
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.imports.actions.target import Target
from madoguchi.imports.models import Origin
from madoguchi.imports.records import Bad
from madoguchi.imports.reports import Report
from madoguchi.imports.running import SOURCES, preview, run
from madoguchi.imports.sources import Asked, Meter
from madoguchi.imports.tests.formats import AGENT, ANSWERED, ASKED, FORMATS, HER, NOTED
from madoguchi.imports.tests.story import T3, as_known_by, rows, target_here
from madoguchi.infra import scope
from madoguchi.infra.listen import connection_parameters
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
EVERY_FORMAT = pytest.mark.parametrize("format_", FORMATS)


def bring(format_: str, folder: Path, target: Target, *, only_look: bool = False) -> dict[str, Any]:
    system, made = FORMATS[format_]
    report = Report(None)
    work = preview if only_look else run
    assert work(SOURCES[system](made(folder), Asked()), target, report=report, progress=lambda _n: None)
    assert report.first == []
    return {kind: dict(counts) for kind, counts in report.counts.items()}


@EVERY_FORMAT
def test_each_tells_the_same(world: World, target: Target, tmp_path: Path, format_: str) -> None:
    bring(format_, tmp_path, target)

    assert rows() == as_known_by(format_)
    with scope.everywhere(reason="a test looks at everything"):
        assert {case.company_id for case in Case.objects.all()} == {world.ours.company.pk}
        assert {event.carried for event in Event.objects.exclude(kind="import.ran")} == {True}
        assert [event.carried for event in Event.objects.filter(kind="import.ran")] == [False]
        assert Outgoing.objects.count() == 0


@EVERY_FORMAT
def test_a_second_run_changes_nothing(world: World, target: Target, tmp_path: Path, format_: str) -> None:
    first = bring(format_, tmp_path, target)
    before, counts = rows(), _counts()

    second = bring(format_, tmp_path, target_here(world))

    assert {outcome for each in second.values() for outcome in each} == {"skipped"}
    assert {kind: sum(each.values()) for kind, each in second.items()} == {
        kind: sum(each.values()) for kind, each in first.items()
    }
    assert (rows(), _counts()) == (before, counts)
    assert _runs() == 2


@EVERY_FORMAT
def test_the_preview_tells_what_comes(world: World, target: Target, tmp_path: Path, format_: str) -> None:
    before = _counts()

    foreseen = bring(format_, tmp_path, target, only_look=True)

    assert (_counts(), _runs()) == (before, 0)
    done = bring(format_, tmp_path, target)
    cases = ("case", "mail")
    assert {k: v for k, v in foreseen.items() if k in cases} == {k: v for k, v in done.items() if k in cases}


def _counts() -> list[int]:
    with scope.everywhere(reason="a test looks at everything"):
        told = Event.objects.exclude(kind="import.ran").count()
        return [*(model.objects.count() for model in (Case, Message, Customer, Origin)), told]


def _runs() -> int:
    with scope.everywhere(reason="a test looks at everything"):
        return Event.objects.filter(kind="import.ran").count()


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
    run(source, target_here(world), report=report, progress=lambda _n: None)

    first = rows()[0]
    assert first["notes"] == [(T3, world.ours.supervisor.email, f"鈴木 一郎: {NOTED}")]
    assert first["assignee"] == ""
    assert [line["reason"] for line in report.first] == [
        f"Nobody at this desk is called {AGENT}: nobody is responsible for such cases."
    ]


def test_what_was_thrown_away_there_is_passed_over(target: Target, tmp_path: Path) -> None:
    [path] = FORMATS["zendesk, exported"][1](tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"status": "new"', '"status": "deleted"'), encoding="utf-8")

    report = _zendesk(path, target)

    assert report.counts == {"case": {"created": 1}, "thrown away": {"skipped": 1}}
    assert (report.failed, report.first[0]["reason"]) == (0, "It was deleted there.")


def test_files_that_an_export_only_names_are_told(target: Target, tmp_path: Path) -> None:
    [path] = FORMATS["zendesk, exported"][1](tmp_path)
    one = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    one["comments"][0]["attachments"] = [{"file_name": "a.png", "content_url": "https://z.example/a"}]
    path.write_text(json.dumps(one), encoding="utf-8")

    [line] = _zendesk(path, target).first

    assert line["reason"] == "The export names a file and does not hold it: a.png https://z.example/a"


@pytest.mark.django_db(transaction=True)
def test_two_imports_into_one_company_do_not_run_at_once(target: Target, tmp_path: Path) -> None:
    [path] = FORMATS["zendesk, exported"][1](tmp_path)
    with psycopg.connect(**connection_parameters()) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('madoguchi import'), %s::integer)", [target.company])
        with pytest.raises(Refused, match="Another import into this company is running"):
            _zendesk(path, target)
        assert rows() == []
        # A session that is closed ends a moment later.
        other.execute("SELECT pg_advisory_unlock_all()")

    _zendesk(path, target)
    assert len(rows()) == 2


def test_an_imported_case_is_shown_and_answered_as_any_other(
    world: World, target: Target, tmp_path: Path, client: Client
) -> None:
    bring("zendesk, exported", tmp_path, target)
    client.force_login(world.ours.agent)
    with world.ours.scope():
        case = Case.objects.get(subject="届きません")
        number = case.spoken_number(world.ours.company.prefix)

    page = client.get(f"/cases/{number}/")

    assert page.status_code == 200
    shown = page.content.decode()
    assert [words in shown for words in (ASKED, ANSWERED, NOTED, "鈴木 一郎", "配送")] == [True] * 5

    with world.ours.scope():
        outgoing = reply(case, Reply(text="いかがでしたか。"), by=actor_of(world.ours.agent))
        assert Message.objects.get(pk=outgoing.message_id).to == [{"name": "佐藤 花子", "address": HER}]


def test_html_is_kept_and_read_as_words(target: Target, tmp_path: Path) -> None:
    [path] = FORMATS["zendesk, exported"][1](tmp_path)
    other = json.loads(path.read_text(encoding="utf-8").splitlines()[1])
    other["comments"][0] |= {"body": "", "html_body": "<p>青は<br>?</p><script>x</script>"}
    path.write_text(json.dumps(other), encoding="utf-8")

    _zendesk(path, target)

    [case] = rows()
    assert case["said"][0][-1] == "青は\n?"


def test_card_numbers_do_not_come_along(target: Target, tmp_path: Path) -> None:
    [path] = FORMATS["zendesk, exported"][1](tmp_path)
    text = (
        path.read_text(encoding="utf-8")
        .replace(ANSWERED, "4111 1111 1111 1111")
        .replace("佐藤", "4111111111111111")
    )
    path.write_text(
        text.replace(NOTED, "4111-1111-1111-1111").replace(ASKED, "4111111111111111"), encoding="utf-8"
    )

    _zendesk(path, target)

    assert "41111111" not in "".join(filter(str.isalnum, str(rows())))
