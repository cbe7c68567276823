"""`madoguchi phone numbers` and `flow`: what stands there, what is refused, and that nothing is lost by it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import translation

from madoguchi.commerce.factories import make_variant
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.project.cli import phone_in
from madoguchi.project.cli.phone_in import flow, numbers, product
from madoguchi.project.tests.shell import Shell
from madoguchi.voice.models import FlowVersion, NumberProduct
from madoguchi.voice.ready import USUAL, WITH_QUEUE

pytestmark = pytest.mark.django_db
NUMBERS, FLOW, PRODUCT = Shell(numbers), Shell(flow), Shell(product)


@pytest.fixture
def number(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


def written(tmp_path: Path, content: str | bytes) -> str:
    file = tmp_path / "flow.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


def versions(world: World) -> list[int]:
    with world.ours.scope():
        assert Event.objects.filter(kind="phone_flow.changed").count() == FlowVersion.objects.count()
        return list(FlowVersion.objects.order_by("number").values_list("number", flat=True))


def test_the_numbers_of_all_companies_stand_there_as_people_write_them(
    world: World, number: EntryPoint
) -> None:
    make_entry_point(world.theirs.desk, kind=Channel.PHONE, address="+81120000000")
    make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000002", active=False)

    ours, theirs = NUMBERS.answer()
    said = NUMBERS.run().stdout.splitlines()

    assert ours == {
        "number": "+815000000001",
        "desk": world.ours.desk.name,
        "company": "ひなた衣料",
        "medium": "",
        "product": "",
    }
    assert (theirs["number"], theirs["company"]) == ("+81120000000", "つばめ電機")
    assert said == [
        f"050-0000-0001  ひなた衣料  {world.ours.desk.name}",
        f"0120-000-000  つばめ電機  {world.theirs.desk.name}",
    ]


def test_a_number_is_for_a_product_until_it_is_for_none(world: World, number: EntryPoint) -> None:
    make_variant(world.ours.company, code="T-9")

    assert json.loads(PRODUCT.run("050-0000-0001").stdout) == {
        "number": "+815000000001",
        "product": "",
        "name": "",
    }
    said = {"number": "+815000000001", "product": "T-9", "name": "南部鉄瓶"}
    assert json.loads(PRODUCT.run("+815000000001", "--set", "T-9").stdout) == said
    assert json.loads(PRODUCT.run("+815000000001").stdout) == said
    assert [row["product"] for row in NUMBERS.answer()] == ["T-9"]
    assert NUMBERS.run().stdout.endswith(f"{world.ours.desk.name}  T-9\n")
    assert json.loads(PRODUCT.run("+815000000001", "--none").stdout)["product"] == ""


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        (("+815000000009",), 2, "No desk has the number +815000000009."),
        (("+815000000001", "--set", "T-9", "--none"), 2, "not both"),
        (("+815000000001", "--set", "T-8"), 1, "Write the product by its code"),
    ],
)
def test_what_a_number_cannot_be_for_changes_nothing(
    world: World, number: EntryPoint, asked: tuple[str, ...], status: int, told: str
) -> None:
    make_variant(world.ours.company, code="T-9")

    with translation.override("en"):
        result = PRODUCT.run(*asked)

    assert (result.exit_code, told in f"{result.output}{result.exception}") == (status, True)
    with world.ours.scope():
        assert not NumberProduct.objects.exists()


def test_where_nobody_can_be_called_nothing_stands_there(world: World) -> None:
    assert (NUMBERS.answer(), NUMBERS.run().stdout) == ([], "")


def test_callers_meet_the_usual_flow_until_another_is_set(
    world: World, number: EntryPoint, tmp_path: Path
) -> None:
    file = written(tmp_path, json.dumps(WITH_QUEUE))

    before = json.loads(FLOW.run("+815000000001").stdout)
    after = json.loads(FLOW.run("+815000000001", "--set", file).stdout)

    assert before == {"version": 0, "flow": USUAL}
    assert after == {"version": 1, "flow": WITH_QUEUE}
    assert json.loads(FLOW.run("+815000000001").stdout) == after
    assert versions(world) == [1]


def test_a_flow_that_was_printed_can_be_set_again(world: World, number: EntryPoint, tmp_path: Path) -> None:
    printed = json.loads(FLOW.run("+815000000001").stdout)["flow"]

    assert FLOW.run("+815000000001", "--set", written(tmp_path, json.dumps(printed))).exit_code == 0
    assert versions(world) == [1]


@pytest.mark.parametrize("asked", ["+815000000009", "desk", ""])
def test_a_number_of_nobody_is_named(world: World, number: EntryPoint, asked: str) -> None:
    result = FLOW.run(asked)

    assert result.exit_code == 2
    assert f"No desk has the number {asked}." in result.output


@pytest.mark.parametrize("content", ["", "{", b"\xff\xfe", "start: greeting"])
def test_a_file_that_is_no_json_changes_nothing(
    world: World, number: EntryPoint, tmp_path: Path, content: str | bytes
) -> None:
    file = written(tmp_path, content)

    result = FLOW.run("+815000000001", "--set", file)

    assert result.exit_code == 1
    assert f"Error: {file} is no JSON: " in result.output
    assert versions(world) == []


@pytest.mark.parametrize("trunks", ["sip://203.0.113.5", "sip://127.0.0.1 sip://203.0.113.5;shows=+81"])
def test_a_trunk_that_nobody_would_hear_is_refused_before_calls_are_taken(
    monkeypatch: pytest.MonkeyPatch, trunks: str
) -> None:
    monkeypatch.setattr(phone_in, "config", replace(phone_in.config, sip_trunk=trunks))

    result = Shell(phone_in.serve).run()

    assert result.exit_code == 1
    assert "MADOGUCHI_SIP_TRUNK: 203.0.113.5 has to be among MADOGUCHI_SIP_PEERS" in result.output


def test_a_file_that_is_not_there_is_named(world: World, number: EntryPoint, tmp_path: Path) -> None:
    result = FLOW.run("+815000000001", "--set", str(tmp_path / "none.json"))

    assert (result.exit_code, "does not exist" in result.output) == (2, True)
    assert versions(world) == []


@pytest.mark.parametrize(
    ("document", "japanese", "english"),
    [
        (
            {"start": "a", "steps": {"a": {"kind": "say", "sounds": ["bell"]}}},
            "手順「a」: 「bell」という録音はありません。",
            "Step “a”: There is no recording “bell”.",
        ),
        (
            {"start": "b", "steps": {"a": {"kind": "message"}}},
            "次の手順「b」がありません。通話を終えるには「end」と書きます。",
            "There is no step “b” to go on with. “end” ends the call.",
        ),
        (
            [USUAL],
            "{ と } で囲んだオブジェクトにしてください。",
            "This is to be an object, written with { and }.",
        ),
    ],
)
def test_a_flow_that_cannot_be_used_says_why_and_the_one_before_stays(
    world: World, number: EntryPoint, tmp_path: Path, document: object, japanese: str, english: str
) -> None:
    assert FLOW.run("+815000000001", "--set", written(tmp_path, json.dumps(USUAL))).exit_code == 0
    file = written(tmp_path, json.dumps(document))

    for language, words in (("ja", japanese), ("en", english)):
        with translation.override(language):
            refused = FLOW.run("+815000000001", "--set", file).exception
        assert isinstance(refused, Refused)
        assert str(refused) == words
    assert versions(world) == [1]
