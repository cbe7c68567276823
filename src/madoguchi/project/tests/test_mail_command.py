"""`madoguchi mail`: files taken in as by a door, and mailboxes looked into."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madoguchi.cases.models import Case
from madoguchi.channels.email import imap
from madoguchi.channels.email.models import Mailbox
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.intake.senders import rule_sender
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli import mail_in

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str) -> Result:
    return CliRunner().invoke(getattr(mail_in, command), arguments)


def outcomes(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def everything(model: Any) -> list[Any]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(model.objects.order_by("pk"))


def written(folder: Path, name: str, to: str, *, n: int = 1, more: str = "") -> str:
    path = folder / name
    head = f"From: misaki@home.example\r\nTo: {to}\r\nSubject: s{n}\r\nMessage-ID: <m{n}@home.example>\r\n"
    path.write_bytes(f"{head}{more}\r\nwords\r\n".encode())
    return str(path)


class TestIngest:
    def test_the_mails_own_headers_say_where_it_belongs(self, world: World, tmp_path: Path) -> None:
        ours = written(tmp_path, "a.eml", world.ours.entry_point.address)
        theirs = written(tmp_path, "b.eml", world.theirs.entry_point.address, n=2)

        result = run("ingest", ours, theirs, "--json")

        assert result.exit_code == 0
        assert outcomes(result) == [
            {"file": ours, "case": f"{world.ours.company.prefix}-1001", "reason": "", "state": "handled"},
            {"file": theirs, "case": f"{world.theirs.company.prefix}-1001", "reason": "", "state": "handled"},
        ]
        assert [a.source for a in everything(Arrival)] == ["file a.eml", "file b.eml"]

    @pytest.mark.parametrize("header", ["Delivered-To", "Cc"])
    def test_whichever_header_it_is(self, world: World, tmp_path: Path, header: str) -> None:
        address = world.ours.entry_point.address
        file = written(tmp_path, "a.eml", "list@elsewhere.example", more=f"{header}: {address}\r\n")

        assert [o["state"] for o in outcomes(run("ingest", file, "--json"))] == ["handled"]

    def test_a_plus_address_is_its_base(self, world: World, tmp_path: Path) -> None:
        local, _, domain = world.ours.entry_point.address.partition("@")
        file = written(tmp_path, "a.eml", f"{local}+c.abcdefgh@{domain}")

        assert [o["state"] for o in outcomes(run("ingest", file, "--json"))] == ["handled"]

    def test_an_entry_point_that_is_named_goes_before(self, world: World, tmp_path: Path) -> None:
        file = written(tmp_path, "a.eml", world.ours.entry_point.address)

        run("ingest", file, "--entry-point", world.theirs.entry_point.address)

        assert [c.company_id for c in everything(Case)] == [world.theirs.company.pk]

    def test_twice_is_once(self, world: World, tmp_path: Path) -> None:
        file = written(tmp_path, "a.eml", world.ours.entry_point.address)
        run("ingest", file)

        again = run("ingest", file, "--json")

        assert (again.exit_code, outcomes(again)) == (
            0,
            [{"file": file, "case": None, "reason": "", "state": "repeated"}],
        )
        assert len(everything(Case)) == 1

    def test_what_is_addressed_to_nobody_here_is_refused(self, world: World, tmp_path: Path) -> None:
        good = written(tmp_path, "good.eml", world.ours.entry_point.address)
        bad = written(tmp_path, "bad.eml", "info@elsewhere.example", n=2)

        result = run("ingest", bad, good, "--json")

        assert result.exit_code == 1
        assert [o["state"] for o in outcomes(result)] == ["refused", "handled"]
        assert outcomes(result)[0]["reason"] == "no entry point is among its addressees"
        assert len(everything(Arrival)) == 1

    def test_what_needs_a_person_says_why(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "odd").write_bytes(b"nothing of a mail")

        arguments = ("ingest", str(tmp_path / "odd"), "--entry-point", world.ours.entry_point.address)
        result = run(*arguments)

        assert result.exit_code == 1
        [arrival] = everything(Arrival)
        assert arrival.state == "quarantined"
        assert result.output.strip() == f"{tmp_path / 'odd'} quarantined {arrival.reason}"

    def test_what_is_kept_out_as_spam_is_no_failure_and_says_so(self, world: World, tmp_path: Path) -> None:
        lead = actor_of(world.ours.supervisor)
        with world.ours.scope():
            rule_sender(world.ours.company.pk, pattern="home.example", kind=SenderRule.Kind.BLOCK, by=lead)
        file = written(tmp_path, "a.eml", world.ours.entry_point.address)

        result = run("ingest", file, "--json")

        [arrival] = everything(Arrival)
        assert (result.exit_code, arrival.state) == (0, "spam")
        assert outcomes(result) == [{"file": file, "case": None, "reason": arrival.reason, "state": "spam"}]
        assert "misaki@home.example" in arrival.reason or "home.example" in arrival.reason
        assert everything(Case) == []
        assert outcomes(run("ingest", file, "--json"))[0]["state"] == "repeated"

    def test_wrong_use(self, world: World, tmp_path: Path) -> None:
        file = written(tmp_path, "a.eml", world.ours.entry_point.address)
        unknown = run("ingest", file, "--entry-point", "info@elsewhere.example")

        assert unknown.exit_code == 2
        assert "No entry point has the address info@elsewhere.example." in unknown.output
        assert run("ingest").exit_code == 2
        assert run("ingest", str(tmp_path / "absent.eml")).exit_code == 2
        assert run("ingest", str(tmp_path)).exit_code == 2
        assert everything(Arrival) == []

    def test_an_address_out_of_use_takes_nothing(self, world: World, tmp_path: Path) -> None:
        with world.ours.scope():
            EntryPoint.objects.update(active=False)
        file = written(tmp_path, "a.eml", world.ours.entry_point.address)

        assert run("ingest", file).exit_code == 1
        assert everything(Arrival) == []


@pytest.mark.django_db(transaction=True)
class TestFetch:
    @pytest.fixture
    def mailbox(self, world: World) -> Mailbox:
        with world.ours.scope():
            return Mailbox.objects.create(
                company=world.ours.company,
                entry_point=world.ours.entry_point,
                host="127.0.0.1",
                port=1,  # nobody listens there
                username="u",
            )

    def test_a_mailbox_that_cannot_be_read_says_so(self, mailbox: Mailbox) -> None:
        result = run("fetch", "--json")

        assert result.exit_code == 1
        [look] = outcomes(result)
        assert (look["entry_point"], look["stored"]) == (mailbox.entry_point.address, 0)
        assert "ConnectionRefusedError" in look["problem"] or "refused" in look["problem"].lower()

    def test_one_bad_mailbox_does_not_keep_the_others_from_being_read(
        self, world: World, mailbox: Mailbox
    ) -> None:
        with world.theirs.scope():
            Mailbox.objects.create(
                company=world.theirs.company,
                entry_point=world.theirs.entry_point,
                host="127.0.0.1",
                port=1,
                username="u",
            )
        assert len(outcomes(run("fetch", "--json"))) == 2

    def test_one_out_of_use_is_left_alone(self, mailbox: Mailbox) -> None:
        with scope.everywhere(reason="a test"):
            Mailbox.objects.update(active=False)
        result = run("fetch")

        assert result.exit_code == 0
        assert result.output == "No mailbox is set up. Add one under Administration, Mail servers.\n"
        assert run("fetch", "--json").output == ""

    def test_what_was_found_is_counted(self, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
        class Found:
            stored, answer = 3, "OK"

        monkeypatch.setattr(imap, "fetch", lambda mailbox: Found())

        assert run("fetch").output == f"{mailbox.entry_point.address}: 3 new\n"
        expected = {"entry_point": mailbox.entry_point.address, "stored": 3, "problem": "", "answer": "OK"}
        assert outcomes(run("fetch", "--json")) == [expected]
