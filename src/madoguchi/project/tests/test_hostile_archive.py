"""A file that somebody made up to do harm is refused, and nothing of it is stored."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Company, OperatorCompany
from madoguchi.customers.models import Customer
from madoguchi.infra import scope
from madoguchi.infra.event_log import seal, verify
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import File
from madoguchi.people.factories import make_world
from madoguchi.people.models import CompanyMember, OperatorMember, User
from madoguchi.project.backup.archive import BackupDamaged, Writer, members
from madoguchi.project.cli.company import company as command
from madoguchi.project.moving import exporting, form, importing, vetting
from madoguchi.project.moving.tables import tables
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db(transaction=True)
BY = system("test")
PHOTO = File("photo.png", "image/png", b"\x89PNG\r\n\x1a\n")
AsOwner = Callable[[], AbstractContextManager[None]]
Change = Callable[[list[dict[str, Any]]], Any]
_EVERYTHING = (
    "companies_company, companies_operatorcompany, people_user, infra_seal, infra_reader, search_posting"
)
_STORED = (Company, OperatorCompany, User, OperatorMember, CompanyMember, Customer, Case, Event)
run = Shell(command).run


@pytest.fixture(scope="module")
def exported() -> list[bytes]:
    """The archive of all these tests, once one of them has made it: to empty all tables takes longer than a test."""
    return []


@pytest.fixture
def archive(exported: list[bytes], as_owner: AsOwner) -> bytes:
    """A company as it was exported; we are elsewhere now, where another company is with a case of its own."""
    if not exported:
        exported.append(_exported_elsewhere(as_owner))
    make_case(make_world().theirs.entry_point)
    return exported[0]


def _exported_elsewhere(as_owner: AsOwner) -> bytes:
    ours = make_world().ours
    make_case(ours.entry_point, files=(PHOTO,))
    target = io.BytesIO()
    exporting.export(ours.company, target, with_secrets=False, progress=lambda _: None, by=BY)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_EVERYTHING} CASCADE")
    return target.getvalue()


def forged(archive: bytes, name: str, change: Change) -> bytes:
    """The archive with the objects of members whose name begins so changed, whole in itself."""
    target, changed = io.BytesIO(), 0
    writer = Writer(target, progress=lambda _size: None)
    for member in members(io.BytesIO(archive), shape=form.SHAPE):
        content = member.content
        if member.name.startswith(name):
            rows = [json.loads(content)] if name == form.HEAD else form.lines(content)
            change(rows)
            content, changed = b"".join(map(form.line, rows)), changed + 1
        writer.add(member.name, content)
    writer.finish()
    assert changed
    return target.getvalue()


def forged_rows(archive: bytes, label: str, change: Change) -> bytes:
    return forged(archive, f"{form.TABLES}{label}/", change)


def brought_in(archive: bytes) -> importing.Imported:
    def opened() -> AbstractContextManager[io.BytesIO]:
        return nullcontext(io.BytesIO(archive))

    found = importing.look_through(opened)
    return importing.bring_in(opened, found=found, progress=lambda _: None, by=BY)


def stored() -> list[int]:
    """What is here: rows that a company brings, and folders of files."""
    with scope.everywhere(reason="a test counts"):
        rows = [model._default_manager.count() for model in _STORED]
    return [*rows, len(list(Path(settings.FILES_ROOT).iterdir()))]


def assert_refused(archive: bytes, words: str) -> None:
    before = stored()
    with pytest.raises(form.NoCompany, match=words):
        brought_in(archive)
    assert stored() == before


def put(**values: Any) -> Change:
    """Change the last row."""
    return lambda rows: rows[-1].update(values)


def in_all(**values: Any) -> Change:
    return lambda rows: [row.update(values) for row in rows]


def foreign_case() -> int:
    with scope.everywhere(reason="a test looks for what is not its own"):
        return Case.objects.latest("id").pk


def test_unchanged_it_comes_in(archive: bytes) -> None:
    done = brought_in(forged_rows(archive, "cases.Case", in_all()))

    assert (done.files, done.seats_left) == (1, 0)


class TestColumns:
    INJECTED = 'subject") SELECT 1; UPDATE people_user SET is_administrator = true; --'

    @pytest.mark.parametrize(
        "name", ["companies.Desk", "cases.Case", "cases.Message", "infra.Event", "people.Seat"]
    )
    def test_a_key_that_is_no_column_never_becomes_sql(self, archive: bytes, name: str) -> None:
        assert_refused(forged_rows(archive, name, in_all(**{self.INJECTED: "x"})), f"{name} has no column")
        assert User.objects.filter(is_administrator=True).count() == 1

    def test_nor_in_a_row_that_is_not_the_first(self, archive: bytes) -> None:
        assert_refused(forged_rows(archive, "infra.Event", put(**{self.INJECTED: "x"})), "the same columns")

    def test_nor_for_the_company_a_person_or_an_operator(self, archive: bytes) -> None:
        injected = put(**{self.INJECTED: "x"})

        assert_refused(forged(archive, form.COMPANY, injected), "companies.Company has no column")
        assert_refused(forged(archive, form.PEOPLE, injected), "A person is told in words")
        assert_refused(forged(archive, form.OPERATORS, injected), "An operator is told in words")

    def test_nobody_comes_as_an_administrator(self, archive: bytes) -> None:
        assert_refused(forged(archive, form.PEOPLE, put(is_administrator=True)), "A person is told in words")

    def test_the_company_of_a_row_is_not_for_the_file_to_say(self, archive: bytes) -> None:
        assert_refused(forged_rows(archive, "cases.Case", in_all(company_id=1)), "has no column 'company_id'")
        assert_refused(forged(archive, form.COMPANY, put(id=1)), "has no column 'id'")

    def test_a_place_in_the_log_is_not_either_and_the_chain_stays_whole(self, archive: bytes) -> None:
        with scope.everywhere(reason="a test seals"):
            while seal():
                pass

        assert_refused(forged_rows(archive, "infra.Event", in_all(tx=3)), "infra.Event has no column 'tx'")
        assert_refused(forged_rows(archive, "infra.Event", in_all(carried=False)), "no column 'carried'")

        with scope.everywhere(reason="a test verifies"):
            while seal():
                pass
            assert list(verify()) == []


class TestIds:
    @pytest.mark.parametrize("column", ["customer_id", "desk_id", "entry_point_id"])
    @pytest.mark.parametrize("number", [10_000_000, -1])
    def test_rows_of_others_cannot_be_referred_to(self, archive: bytes, column: str, number: int) -> None:
        assert_refused(forged_rows(archive, "cases.Case", put(**{column: number})), f"number {number}, which")

    def test_nor_as_a_word(self, archive: bytes) -> None:
        with scope.everywhere(reason="a test looks for what is not its own"):
            theirs = str(Customer.objects.latest("id").pk)

        assert_refused(forged_rows(archive, "cases.Case", put(customer_id=theirs)), "no number where one")
        assert_refused(forged_rows(archive, "cases.Case", put(assignee_id=theirs)), "no number where one")
        assert_refused(forged_rows(archive, "infra.Event", put(case_id=theirs)), "no number where one")

    def test_nor_a_person_by_the_id_here(self, archive: bytes) -> None:
        here = User.objects.latest("id").pk

        assert_refused(forged_rows(archive, "people.CompanyMember", put(user_id=here)), "names people.User")

    def test_nor_a_case_by_an_event(self, archive: bytes) -> None:
        number = foreign_case() + 1_000_000
        data = {"message": number}

        assert_refused(forged_rows(archive, "infra.Event", put(case_id=number)), "names cases.Case number")
        assert_refused(forged_rows(archive, "infra.Event", put(data=data)), "names cases.Message number")

    @pytest.mark.parametrize("number", [0, None, 9_000_000_000, "1"])
    def test_a_row_has_a_number_that_was_drawn(self, archive: bytes, number: Any) -> None:
        words = "no number|number 9000000000, which"
        assert_refused(forged_rows(archive, "cases.Case", put(id=number)), words)

    def test_a_list_of_numbers_is_no_word(self, archive: bytes) -> None:
        [matter] = [m for m in tables() if m._meta.label == "fields.Matter"]

        for fields in ("{7}", ["7"], [True]):
            with pytest.raises(form.NoCompany):
                vetting.check_numbers(matter, [{"fields": fields}])


class TestRoles:
    @pytest.mark.parametrize("role", ["administrator", "company_manager", "", 3])
    def test_at_an_operator_there_are_three(self, archive: bytes, role: Any) -> None:
        def promote(people: list[dict[str, Any]]) -> None:
            one = next(person for person in people if person["places"])
            one["places"] = dict.fromkeys(one["places"], role)

        assert_refused(forged(archive, form.PEOPLE, promote), "is no role of people.OperatorMember")

    @pytest.mark.parametrize("role", ["administrator", "supervisor", None])
    def test_at_a_company_there_are_two(self, archive: bytes, role: Any) -> None:
        changed = forged_rows(archive, "people.CompanyMember", put(role=role))

        assert_refused(changed, "is no role of people.CompanyMember")

    def test_nobody_works_for_an_operator_that_only_a_place_names(self, archive: bytes) -> None:
        here = OperatorCompany.objects.values_list("name", flat=True)[0]

        changed = forged(archive, form.PEOPLE, put(places={f"{here}!": "manager"}))

        assert_refused(changed, "works for an operator that it does not hold")

    def test_the_check_says_who_would_become_what(self, archive: bytes, tmp_path: Path) -> None:
        archive = forged(archive, form.OPERATORS, lambda rows: rows[-1].update(name="新しい窓口"))
        place = {"新しい窓口": "manager"}
        archive = forged(archive, form.PEOPLE, lambda rows: [row.update(places=place) for row in rows])
        file = tmp_path / "made.tar"
        file.write_bytes(archive)
        before = stored()

        said = json.loads(run("import", str(file), "--check", "--json").stdout)["roles"]
        shown = run("import", str(file), "--check").stdout

        emails = [row["email"] for row in people_of(archive)]
        assert said[: len(emails)] == [f"{email}: manager, 新しい窓口" for email in emails]
        assert [role.split(": ")[1].split(",")[0] for role in said[len(emails) :]] == [
            "company_staff",
            "company_manager",
        ]
        assert all(f"Would become: {role}" in shown for role in said)
        assert stored() == before


def people_of(archive: bytes) -> list[dict[str, Any]]:
    [people] = [m for m in members(io.BytesIO(archive), shape=form.SHAPE) if m.name == form.PEOPLE]
    return form.lines(people.content)


class TestSize:
    @pytest.mark.parametrize("number", [10**12, -1, "9", 1.5, True, None])
    def test_it_asks_for_no_more_numbers_than_a_company_needs(self, archive: bytes, number: Any) -> None:
        def ask(heads: list[dict[str, Any]]) -> None:
            heads[0]["numbers"]["cases.Case"] = number

        assert_refused(forged(archive, form.HEAD, ask), "asks for more numbers")

    def test_bytes_without_rows_do_not_pile_up(self, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(form, "PIECE", 4)
        target = io.BytesIO()
        writer = Writer(target, progress=lambda _size: None)
        for member in members(io.BytesIO(archive), shape=form.SHAPE):
            if member.name.startswith(form.FILES):
                for content in (b"four", b"five!"):
                    writer.add(form.place(form.CONTENT, form_digest(content)), content)
            writer.add(member.name, member.content)
        writer.finish()

        assert_refused(target.getvalue(), "more bytes before their rows")

    @pytest.mark.parametrize("kind", ["old", "pax"])
    def test_a_member_with_holes_is_refused_before_it_is_read(self, kind: str) -> None:
        with pytest.raises(BackupDamaged, match="nothing that a backup holds"):
            list(members(io.BytesIO(with_holes(kind))))

    def test_a_line_is_an_object(self, archive: bytes) -> None:
        changed = forged_rows(archive, "cases.Case", lambda rows: rows.append([1]))  # type: ignore[arg-type]

        assert_refused(changed, "A line of it is no object")

    def test_bytes_that_are_not_in_it_cannot_be_named(self) -> None:
        found = importing.Found(head={}, company={})
        one = importing._Import.__new__(importing._Import)
        one.content, one.company, one.found = {}, 1, found
        [raw] = [m for m in tables() if m._meta.label == "intake.RawArrival"]

        with pytest.raises(form.NoCompany, match="are not in it"):
            one._here(raw, {"content": "0" * 64})


def form_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def with_holes(kind: str) -> bytes:
    """A tar with one member of 512 bytes that would be read as a terabyte."""
    target, entry = io.BytesIO(), tarfile.TarInfo("madoguchi-backup.json")
    entry.size = 512
    if kind == "pax":
        entry.pax_headers = {
            "GNU.sparse.map": "0,512",
            "GNU.sparse.size": str(10**12),
            "GNU.sparse.name": entry.name,
        }
        with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar:
            tar.addfile(entry, io.BytesIO(b"x" * 512))
        return target.getvalue()
    entry.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(entry.tobuf(format=tarfile.GNU_FORMAT))
    header[386:398], header[398:410] = b"00000000000\0", b"00000001000\0"
    header[483:495] = b"77777777777\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + b"x" * 512 + b"\0" * 1024
