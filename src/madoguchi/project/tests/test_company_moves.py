"""A company is written into a file, comes into another installation, and is what it was."""

import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.db import connection

from madoguchi.cases.actions import merge, unmerge
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.look_models import Look
from madoguchi.cases.models import Attachment, Case, Merge, Message, PendingAnswer
from madoguchi.channels.email.models import DkimKey, Mailbox, SentMail, SmtpServer
from madoguchi.companies.models import Company, Engagement
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import seal, verify
from madoguchi.infra.models import Event, Reader
from madoguchi.infra.reactions import run_all
from madoguchi.intake.actions import receive
from madoguchi.intake.models import RawArrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import Side, World, make_world
from madoguchi.people.models import CompanyMember, OperatorMember, Seat, User
from madoguchi.people.queries import actor_of
from madoguchi.project.backup.archive import BackupDamaged, Member, members
from madoguchi.project.cli.company import company as command
from madoguchi.project.moving import exporting, form, importing
from madoguchi.project.tests.shell import Shell
from madoguchi.search.actions import index_all
from madoguchi.search.models import Document

pytestmark = pytest.mark.django_db(transaction=True)
BY = system("test")
MISAKI = Party("misaki@home.example", "髙橋 美咲")
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
PHOTO = File("不具合.png", "image/png", b"\x89PNG\r\n\x1a\n")
AsOwner = Callable[[], AbstractContextManager[None]]
_EVERYTHING = (
    "companies_company, companies_operatorcompany, people_user, infra_seal, infra_reader, search_posting"
)
run = Shell(command).run


def everywhere() -> AbstractContextManager[None]:
    return scope.everywhere(reason="a test looks at everything")


def elsewhere(as_owner: AsOwner) -> None:
    """From now on we are at another installation, where nothing is yet."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_EVERYTHING} CASCADE")


def exported(prefix: str, *, secrets: bool = False) -> bytes:
    with everywhere():
        company = Company.objects.get(prefix=prefix)
    target = io.BytesIO()
    exporting.export(company, target, with_secrets=secrets, progress=lambda _: None, by=BY)
    return target.getvalue()


def imported(content: bytes) -> importing.Imported:
    def opened() -> AbstractContextManager[io.BytesIO]:
        return nullcontext(io.BytesIO(content))

    found = importing.look_through(opened)
    return importing.bring_in(opened, found=found, progress=lambda _: None, by=BY)


def content_of(archive: bytes) -> list[Member]:
    return list(members(io.BytesIO(archive), shape=form.SHAPE))


def rows_of(archive: bytes, label: str) -> list[dict[str, Any]]:
    pieces = [m for m in content_of(archive) if m.name.startswith(f"tables/{label}/")]
    return [row for piece in pieces for row in form.lines(piece.content)]


def without_the_move(archive: bytes) -> dict[str, bytes]:
    """All members but the moment they were written, and but the events that tell of the move itself."""
    found = {m.name: m.content for m in content_of(archive)}
    del found[form.HEAD]
    for name in found:
        if name.startswith("tables/infra.Event/"):
            lines = found[name].splitlines(keepends=True)
            found[name] = b"".join(x for x in lines if not json.loads(x)["kind"].endswith("ported"))
    return found


def all_left(side: Side) -> None:
    """Whatever was on its way out has left."""
    with side.scope():
        Outgoing.objects.update(state="sent", finished_at=MORNING)


def test_cases_numbers_times_authors_and_files_are_there_under_new_ids(
    world: World, as_owner: AsOwner
) -> None:
    side = world.ours
    with clock.held_at(MORNING):
        case = make_case(side.entry_point, sender=MISAKI, files=(PHOTO,))
    with side.scope():
        reply(case, Reply(text="承知しました。"), by=actor_of(side.supervisor))
        said = list(Message.objects.order_by("id").values_list("author", "text", "external_id", "at"))
    all_left(side)
    number, address = case.number, side.supervisor.email
    archive = exported(side.company.prefix)
    elsewhere(as_owner)

    done = imported(archive)

    with scope.acting_for([done.company]):
        there = Case.objects.get(number=number)
        answer = there.messages.get(author="staff")
        [file] = Attachment.objects.all()
        assert (there.pk, there.company_id) != (case.pk, case.company_id)
        assert there.opened_at == MORNING
        assert list(there.messages.order_by("id").values_list("author", "text", "external_id", "at")) == said
        assert answer.user is not None
        assert (answer.user.email, answer.user.has_usable_password()) == (address, False)
        assert files.read(file.sha256, company=done.company) == PHOTO.content
        assert actor_of(answer.user).companies == frozenset({done.company})
        opened = Event.objects.get(kind="case.opened")
        assert (opened.case_id, opened.data["customer"]) == (there.pk, there.customer_id)


def test_unmerging_still_works_there(world: World, as_owner: AsOwner) -> None:
    side = world.ours
    by = actor_of(side.supervisor)
    one, other = (make_case(side.entry_point, sender=MISAKI) for _ in range(2))
    with scope.acting_for(by.companies):
        merge(one, into=other, by=by)
        say_again(Case.objects.get(pk=other.pk))
    archive = exported(side.company.prefix)
    elsewhere(as_owner)

    done = imported(archive)

    with scope.acting_for([done.company]):
        unmerge(Merge.objects.get(), by=actor_of(User.objects.get(email=side.supervisor.email)))
        first = Case.objects.get(number=one.number)
        assert (first.continued_in_id, first.status, first.message_count) == (None, "new", 1)
        assert Message.objects.earliest("id").case_id == first.pk
        assert Case.objects.get(number=other.number).messages.count() == 2


def test_nothing_leaves_because_of_it_and_nobody_is_acknowledged(world: World, as_owner: AsOwner) -> None:
    side = world.ours
    by = actor_of(side.supervisor)
    case = make_case(side.entry_point, sender=MISAKI)
    with side.scope():
        reply(case, Reply(text="まだ出ていません。"), by=by)
        Mailbox.objects.create(
            company=side.company, entry_point=side.entry_point, host="imap.example", password="ひみつ"
        )
        SmtpServer.objects.create(
            company=side.company, entry_point=side.entry_point, host="smtp.example", password="ひみつ"
        )
    archive = exported(side.company.prefix)
    elsewhere(as_owner)
    run_all()

    done = imported(archive)
    run_all()
    run_all()

    with scope.acting_for([done.company]):
        [waiting] = Outgoing.objects.all()
        assert (waiting.state, waiting.message.case.undelivered) == ("failed", True)
        assert (Mailbox.objects.get().active, SmtpServer.objects.get().active) == (False, False)
        assert not SentMail.objects.exists()
        assert not Event.objects.filter(kind="message.queued", carried=False).exists()
    assert done.stopped == 4
    assert Reader.objects.exists()


def test_secrets_stay_unless_asked_for(world: World, as_owner: AsOwner) -> None:
    side = world.ours
    with side.scope():
        Mailbox.objects.create(
            company=side.company, entry_point=side.entry_point, host="imap.example", password="opensesame"
        )
        DkimKey.objects.create(
            company=side.company,
            domain="a.example",
            selector="m1",
            private_key="privatekey",
            public_key="p",
            made_at=MORNING,
        )
    plain, whole = exported(side.company.prefix), exported(side.company.prefix, secrets=True)

    assert b"opensesame" not in plain
    assert b"privatekey" not in plain
    assert [row["password"] for row in rows_of(plain, "email.Mailbox")] == [""]
    assert rows_of(plain, "email.DkimKey") == []
    elsewhere(as_owner)
    done = imported(whole)
    with scope.acting_for([done.company]):
        assert Mailbox.objects.get().password == "opensesame"
        assert DkimKey.objects.get().private_key == "privatekey"


def test_of_others_nothing_is_in_it(world: World) -> None:
    make_case(world.ours.entry_point, text="ひなたの話")
    make_case(world.theirs.entry_point, text="つばめの話")

    archive = exported(world.ours.company.prefix)

    everything = b"".join(m.content for m in content_of(archive)).decode()
    assert "ひなたの話" in everything
    theirs = world.theirs
    for word in ("つばめ", theirs.agent.email, theirs.operator.name, world.administrator.email):
        assert word not in everything


def test_raw_mail_comes_along_and_a_second_time_it_is_known(world: World, as_owner: AsOwner) -> None:
    side = world.ours
    raw = b"From: a@home.example\r\nSubject: x\r\n\r\n\xff\x00 bytes"
    receive(raw=raw, entry_point=side.entry_point, source="test")
    archive = exported(side.company.prefix)
    elsewhere(as_owner)

    done = imported(archive)

    with scope.acting_for([done.company]):
        arrival = RawArrival.objects.get()
        assert bytes(arrival.content) == raw
        point = arrival.arrival.entry_point
    assert receive(raw=raw, entry_point=point, source="test") is None


def test_the_chain_here_vouches_for_what_came(world: World, as_owner: AsOwner) -> None:
    make_case(world.ours.entry_point)
    with everywhere():
        seal()
    archive = exported(world.ours.company.prefix)
    elsewhere(as_owner)

    imported(archive)

    with everywhere():
        while seal():
            pass
        assert list(verify()) == []
        told = Event.objects.get(kind="company.imported")
        assert Event.objects.latest("id") == told
        assert len(told.data["newest_seal"]) == 64
        assert Event.objects.filter(carried=True).count() == len(rows_of(archive, "infra.Event"))


def test_a_broken_chain_is_not_passed_on(world: World, as_owner: AsOwner) -> None:
    case = make_case(world.ours.entry_point)
    with everywhere():
        seal()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE infra_event DISABLE TRIGGER event_never_changes")
        cursor.execute("SELECT set_config('app.companies', '*', false)")
        cursor.execute("UPDATE infra_event SET actor_name = 'somebody else' WHERE case_id = %s", [case.pk])
        cursor.execute("ALTER TABLE infra_event ENABLE TRIGGER event_never_changes")
        cursor.execute("SELECT set_config('app.companies', '', false)")

    with pytest.raises(Refused, match="The audit chain is broken"):
        exported(world.ours.company.prefix)


def test_where_the_company_is_already_nothing_changes(world: World) -> None:
    make_case(world.ours.entry_point)
    archive = exported(world.ours.company.prefix)
    with everywhere():
        before = (Company.objects.count(), Case.objects.count(), Event.objects.count(), User.objects.count())

    with pytest.raises(Refused, match=world.ours.company.slug):
        imported(archive)

    with everywhere():
        assert before == (
            Company.objects.count(),
            Case.objects.count(),
            Event.objects.count(),
            User.objects.count(),
        )


def test_a_file_that_breaks_off_or_was_changed_leaves_nothing(
    world: World, as_owner: AsOwner, settings: Any
) -> None:
    make_case(world.ours.entry_point, files=(PHOTO,))
    archive = exported(world.ours.company.prefix)
    elsewhere(as_owner)
    Path(settings.FILES_ROOT).joinpath("x").mkdir()
    kept = sorted(Path(settings.FILES_ROOT).iterdir())

    for broken in (archive[: len(archive) // 2], archive.replace(PHOTO.content, b"\x89PNG\r\n\x1a\t")):
        with pytest.raises(BackupDamaged):
            imported(broken)

    with everywhere():
        assert (Company.objects.count(), User.objects.count()) == (0, 0)
    assert sorted(Path(settings.FILES_ROOT).iterdir()) == kept


def test_stopped_in_the_middle_nothing_of_it_remains(world: World, as_owner: AsOwner, settings: Any) -> None:
    make_case(world.ours.entry_point, files=(PHOTO,))
    archive = exported(world.ours.company.prefix)
    elsewhere(as_owner)
    found = importing.look_through(lambda: nullcontext(io.BytesIO(archive)))
    kept = sorted(Path(settings.FILES_ROOT).iterdir())
    seen = 0

    def stop(steps: int) -> None:
        nonlocal seen
        seen += steps
        if seen == found.size:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.bring_in(lambda: nullcontext(io.BytesIO(archive)), found=found, progress=stop, by=BY)

    with everywhere():
        assert (Company.objects.count(), Case.objects.count(), User.objects.count()) == (0, 0, 0)
    assert sorted(Path(settings.FILES_ROOT).iterdir()) == kept


def test_an_operator_that_is_here_already_employs_nobody_because_a_file_says_so(
    world: World, as_owner: AsOwner
) -> None:
    side = world.ours
    archive = exported(side.company.prefix)
    elsewhere(as_owner)
    here = make_world().theirs
    with everywhere():
        here.operator.name = side.operator.name
        here.operator.save()

    done = imported(archive)

    assert done.seats_left == 2
    assert set(OperatorMember.objects.values_list("operator_id", flat=True)) == {
        here.operator.pk,
        make_id(here, done.company),
    }
    with scope.acting_for([done.company]):
        assert Engagement.objects.get().operator_id == here.operator.pk
        assert not Seat.objects.exists()
        assert CompanyMember.objects.count() == 2
    stranger = User.objects.get(email=side.manager.email)
    assert actor_of(stranger).companies == frozenset()


def make_id(here: Side, company: int) -> int:
    """The other operator of the world that is here."""
    others = OperatorMember.objects.exclude(operator=here.operator)
    return others.values_list("operator_id", flat=True).first() or 0


def test_the_search_finds_it_in_a_while(world: World, as_owner: AsOwner) -> None:
    make_case(world.ours.entry_point, text="返品したい")
    archive = exported(world.ours.company.prefix)
    elsewhere(as_owner)

    done = imported(archive)
    list(index_all())

    with scope.acting_for([done.company]):
        assert Document.objects.filter(kind="message", text__contains="返品").count() == 1


class TestCommand:
    def test_out_and_in(self, world: World, as_owner: AsOwner, tmp_path: Path) -> None:
        make_case(world.ours.entry_point, files=(PHOTO,))
        file = tmp_path / "hinata.tar"

        made = json.loads(run("export", world.ours.company.prefix, str(file), "--json").stdout)
        assert (made["rows"]["cases.Case"], made["files"], made["missing"]) == (1, 1, 0)
        assert file.stat().st_mode & 0o777 == 0o600
        refused = run("import", str(file))
        assert refused.exit_code == 1
        elsewhere(as_owner)
        checked = run("import", str(file), "--check")
        done = json.loads(run("import", str(file), "--json").stdout)

        assert world.ours.company.name in checked.stdout
        assert (done["files"], done["seats_left"]) == (1, 0)
        with everywhere():
            assert Company.objects.get().name == world.ours.company.name

    def test_secrets_only_encrypted(self, world: World, as_owner: AsOwner, tmp_path: Path) -> None:
        key = pyrage.x25519.Identity.generate()
        keys, file, prefix = tmp_path / "keys", tmp_path / "all.age", world.ours.company.prefix
        keys.write_text(str(key))

        refused = run("export", prefix, str(file), "--secrets")
        run("export", prefix, str(file), "--secrets", "--to", str(key.to_public()))

        assert (refused.exit_code, file.read_bytes()[:4]) == (2, b"age-")
        elsewhere(as_owner)
        assert run("import", str(file)).exit_code == 1
        assert run("import", str(file), "--key", str(keys)).exit_code == 0

    def test_a_company_that_is_not_here(self, world: World, tmp_path: Path) -> None:
        result = run("export", "ZZZ", str(tmp_path / "x"))

        assert result.exit_code == 1
        assert not (tmp_path / "x").exists()


def test_a_scheduled_answer_waits_for_a_person(world: World, as_owner: AsOwner) -> None:
    side = world.ours
    case = make_case(side.entry_point)
    with side.scope():
        PendingAnswer.objects.create(
            company=side.company,
            case=case,
            user=side.agent,
            state="scheduled",
            text="あとで",
            status="open",
            due_at=MORNING,
            last_message=Message.objects.get().pk,
            was_status="new",
            created_at=MORNING,
            changed_at=MORNING,
        )
    archive = exported(side.company.prefix)
    elsewhere(as_owner)

    done = imported(archive)

    with scope.acting_for([done.company]):
        held = PendingAnswer.objects.get()
        assert (held.state, held.last_message) == ("held", Message.objects.get().pk)


def test_rows_without_an_id_of_their_own_come_along(world: World, as_owner: AsOwner) -> None:
    side = world.ours
    case = make_case(side.entry_point)
    with side.scope():
        Look.objects.create(
            company=side.company,
            customer_id=case.customer_id,
            case_id=case.pk,
            user=side.agent,
            hour=MORNING,
            at=MORNING,
        )
    archive = exported(side.company.prefix)
    elsewhere(as_owner)

    done = imported(archive)

    with scope.acting_for([done.company]):
        there, look = Case.objects.get(), Look.objects.get()
        assert (look.customer_id, look.case_id) == (there.customer_id, there.pk)
        assert (look.user.email, look.hour) == (side.agent.email, MORNING)
