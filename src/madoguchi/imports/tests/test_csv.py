"""Tables: letters and columns are found out, and what cannot be read is told with its line."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from madoguchi.cases.models import Priority, Status
from madoguchi.imports import csv_table
from madoguchi.imports.csv_table import open_csv
from madoguchi.imports.moments import moment
from madoguchi.imports.records import Bad, By, Meant, Person, Record, Ticket
from madoguchi.imports.sources import Asked, Meter
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import Refused

CASES = (
    "受付番号,件名,お問い合わせ内容,氏名,メールアドレス,ステータス,受付日時\r\n"
    '7,届きません,"注文した品が\n届きません。",髙橋 ①,hanako@home.example,完了,2024/05/01 10:00\r\n'
)


def read(path: Path, asked: Asked | None = None) -> list[Record]:
    return list(open_csv((path,), asked or Asked()).records(Meter()))


def file(folder: Path, text: str, letters: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(letters))
    return path


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_the_letters_are_found_out(tmp_path: Path, letters: str) -> None:
    [ticket] = read(file(tmp_path, CASES, letters))

    assert isinstance(ticket, Ticket)
    assert (ticket.id, ticket.subject, ticket.status) == ("7", "届きません", Status.CLOSED)
    assert (ticket.customer.name, ticket.customer.emails) == ("髙橋 ①", ("hanako@home.example",))
    [said] = ticket.said
    assert (said.by, said.text) == (By.CUSTOMER, "注文した品が\n届きません。")
    assert said.at == datetime(2024, 5, 1, 1, 0, tzinfo=UTC)
    assert ticket.place == "table.csv line 2-3"


def test_what_was_guessed_is_told(tmp_path: Path) -> None:
    source = open_csv((file(tmp_path, "名前,メール,色\n花子,a@a.example,青\n", "cp932"),), Asked())

    assert source.guessed == {
        "letters": "cp932",
        "rows": "customers",
        "name": "名前",
        "email": "メール",
        "not read": "色",
    }


def test_other_letters_are_named(tmp_path: Path) -> None:
    path = file(tmp_path, CASES.replace("①", "").replace("髙", "高"), "euc_jp")

    [ticket] = read(path, Asked(letters="euc_jp"))

    assert isinstance(ticket, Ticket)
    assert ticket.customer.name == "高橋"


def test_letters_that_nobody_can_guess_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"name,email\n\x81\xff\xfd,a@a.example\n")

    with pytest.raises(Refused, match="say which letters it is written in"):
        open_csv((path,), Asked())


def test_a_member_number_and_a_former_name_are_read(tmp_path: Path) -> None:
    text = "氏名,会員番号,旧姓\n佐藤 花子,A-001234,鈴木 花子\n名無し,,\n"

    found, wrong = read(file(tmp_path, text))

    assert isinstance(found, Person)
    assert (found.members, found.former_names, found.emails) == (("A-001234",), "鈴木 花子", ())
    assert isinstance(wrong, Bad)


def test_columns_are_named_by_who_imports(tmp_path: Path) -> None:
    path = file(tmp_path, "誰,連絡,email\n花子,a@a.example,old@a.example\n")

    [person] = read(path, Asked(columns={"name": "誰", "email": "連絡"}))

    assert isinstance(person, Person)
    assert (person.name, person.emails) == ("花子", ("a@a.example",))


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No column is called “連絡”"):
        open_csv((file(tmp_path, "名前\n花子\n"),), Asked(columns={"email": "連絡"}))
    with pytest.raises(Refused, match="形"):
        open_csv((file(tmp_path, "色,形\n青,丸\n"),), Asked())


def test_rows_under_one_id_are_one_case(tmp_path: Path) -> None:
    text = (
        "id,subject,body,direction,author,email,name,status,priority,tags,assignee,created\n"
        "7,Late,Where?,in,,a@a.example,Ann,open,high,,,2024-05-01T10:00:00+09:00\n"
        '7,,"Sent, today",out,Ken,,,,,,,2024-05-01 11:00\n'
        '7,,Was lost,note,Ken,,,solved,,"ship,vip",Ken,2024-05-01 12:00\n'
        "8,Other,Hi,,,b@b.example,,,,,,2024-05-02\n"
    )

    one, other = read(file(tmp_path, text))

    assert isinstance(one, Ticket)
    assert [(said.by.value, said.text, said.name) for said in one.said] == [
        ("customer", "Where?", ""),
        ("staff", "Sent, today", "Ken"),
        ("note", "Was lost", "Ken"),
    ]
    assert (one.status, one.priority, one.tags) == (Status.SOLVED, Priority.HIGH, ("ship", "vip"))
    assert (one.assignee, one.customer.emails) == ("Ken", ("a@a.example",))
    assert isinstance(other, Ticket)
    assert (other.id, other.said[0].at) == ("8", datetime(2024, 5, 1, 15, tzinfo=UTC))


def test_of_a_case_of_several_rows_the_line_that_is_wrong_is_told(tmp_path: Path) -> None:
    text = (
        "id,subject,text,email,created\n"
        "1,a,one,a@a.example,2024-02-01\n"
        "1,a,two,a@a.example,yesterday\n"
        "2,b,one,a@a.example,2024-02-01\n"
    )

    wrong, right = read(file(tmp_path, text))

    told = "table.csv line 3: “yesterday” is no date. Write it as 2026-08-01 10:00."
    assert wrong == Bad("table.csv line 2", told)
    assert isinstance(right, Ticket)


def test_what_is_wrong_is_told_with_its_line_and_ends_nothing(tmp_path: Path) -> None:
    text = (
        "id,subject,email,created,status\n"
        "1,a,a@a.example,2024-02-30,\n"
        "2,b,nobody,2024-02-01,\n"
        "3,c,a@a.example,2999-01-01,\n"
        "4,d,a@a.example,2024-02-01,怪しい\n"
        "5,e,,2024-02-01,\n"
        "6,f,a@a.example,,\n"
        "7,g\n"
        "8,h,a@a.example,2024-02-01,new\n"
    )

    *wrong, right = read(file(tmp_path, text))

    assert wrong == [
        Bad("table.csv line 2", "“2024-02-30” is no date. Write it as 2026-08-01 10:00."),
        Bad("table.csv line 3", "“nobody” is no mail address."),
        Bad("table.csv line 4", "“2999-01-01” cannot be when that was."),
        Bad(
            "table.csv line 5",
            "The status “怪しい” is not known here. Say what it means.",
            words=(Meant("status", "怪しい"), Meant("priority", "", "normal")),
        ),
        Bad("table.csv line 6", "It does not say whose it is."),
        Bad("table.csv line 7", "It does not say when that was."),
        Bad("table.csv line 8", "It has 2 cells, and there are 5 columns."),
    ]
    assert isinstance(right, Ticket)
    assert right.status == Status.NEW


def test_a_quotation_mark_that_is_not_closed_loses_nothing_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "MOST_OF_A_CELL", 200)
    rows = "".join(f"花子{n},a{n}@a.example\n" for n in range(20))

    found = read(file(tmp_path, f'name,email\n"太郎,t@t.example\n{rows}'))

    wrong = [one.place.removeprefix("table.csv line ") for one in found if isinstance(one, Bad)]
    lines = [place.partition("-") for place in wrong]
    eaten = sum(int(last or first) - int(first) + 1 for first, _dash, last in lines)
    assert eaten + sum(isinstance(one, Person) for one in found) == 21
    assert len(wrong) < 6


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01 10:00:00 UTC", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024/5/1 9:05", datetime(2024, 5, 1, 0, 5, tzinfo=UTC)),
        ("2024年5月1日(水) 9時05分", datetime(2024, 5, 1, 0, 5, tzinfo=UTC)),
        ("令和6年5月1日", datetime(2024, 4, 30, 15, tzinfo=UTC)),
        ("令和元年5月1日 9:00", datetime(2019, 5, 1, tzinfo=UTC)),
        ("H30.4.1", datetime(2018, 3, 31, 15, tzinfo=UTC)),
        ("２０２４／０５／０１", datetime(2024, 4, 30, 15, tzinfo=UTC)),
        ("2024年5月1日（水）15時", datetime(2024, 5, 1, 6, tzinfo=UTC)),
        ("2024年5月1日水曜日 午後3時半", datetime(2024, 5, 1, 6, 30, tzinfo=UTC)),
        ("2024/5/1 午前0:05", datetime(2024, 4, 30, 15, 5, tzinfo=UTC)),
        ("2024/05/01 09:00:00.123", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-05-01 09:00:00 JST", datetime(2024, 5, 1, tzinfo=UTC)),
        ("5/1/24, 3:05\u202fPM", datetime(2024, 5, 1, 6, 5, tzinfo=UTC)),
        ("05/01/2024 12:05 AM", datetime(2024, 4, 30, 15, 5, tzinfo=UTC)),
        ("May 1, 2024 12:05 p.m.", datetime(2024, 5, 1, 3, 5, tzinfo=UTC)),
        ("01.05.2024 09:00", datetime(2024, 5, 1, tzinfo=UTC)),
        ("Wed, 01 May 2024 09:00:00 +0900", datetime(2024, 5, 1, tzinfo=UTC)),
        ("Wed May 01 2024 10:00:00 GMT+0900", datetime(2024, 5, 1, 1, tzinfo=UTC)),
        ("Wed May 01 2024 10:00:00 GMT+0900 (日本標準時)", datetime(2024, 5, 1, 1, tzinfo=UTC)),
        ("wed may 01 2024 10:00:00 gmt-0430 (Japan Standard Time)", datetime(2024, 5, 1, 14, 30, tzinfo=UTC)),
        ("Wed May 01 2024 10:00:00 GMT", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024/05/01 AM 10:05", datetime(2024, 5, 1, 1, 5, tzinfo=UTC)),
        ("2024年5月1日 PM3時5分", datetime(2024, 5, 1, 6, 5, tzinfo=UTC)),
        ("2024/5/1 ａ．ｍ． 12:05", datetime(2024, 4, 30, 15, 5, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_people_write_them(written: str, meant: datetime) -> None:
    assert moment(written, zone=TOKYO) == meant


@pytest.mark.parametrize(
    "written",
    ["31/12/2024", "5/1/24", "24/5/1 10:00", "2024/5/1 25:00", "13:00 PM", "水曜日", "2024/5/1 AM 10:05 PM"],
)
def test_what_may_be_another_day_or_none_is_no_moment(written: str) -> None:
    with pytest.raises(ValueError, match=written):
        moment(written, zone=TOKYO)


_CELL = some.text("あ漢①髙a9 　,;\n\t\"'=𠮷", max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(cells=some.lists(some.tuples(_CELL, _CELL), min_size=1, max_size=5), marked=some.booleans())
def test_what_is_written_is_read(
    cells: list[tuple[str, str]], marked: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["id", "subject", "text", "name", "created"])
    for number, (subject, text) in enumerate(cells):
        writer.writerow([f"n{number}", f"s{subject}s", f"t{text}t", "Ann", "2024-05-01"])
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig" if marked else "utf-8"))

    found = [record for record in read(path) if isinstance(record, Ticket)]

    assert [(one.subject, one.said[0].text) for one in found] == [(f"s{s}s", f"t{t}t") for s, t in cells]
