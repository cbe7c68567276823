"""Mailboxes read by IMAP, with a real Dovecot on the other side."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from imapclient import FLAGGED, SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError
from tests.house.at_once import Somebody, unfinished, until_waiting
from tests.servers.cutting import Cutter
from tests.servers.dovecot import Dovecot
from tests.servers.dovecot import dovecot as a_dovecot
from tests.servers.ground import until

from madoguchi.cases.models import Message
from madoguchi.channels.email import doors, folder, imap
from madoguchi.channels.email.hosts import HostRefused
from madoguchi.channels.email.models import Mailbox, Security
from madoguchi.channels.email.tests.mails import mail
from madoguchi.infra import scope
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.kernel import clock
from madoguchi.people.factories import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
_numbers = count(1)


def letter(text: str = "まだ届きません。") -> bytes:
    """A mail that is like no other."""
    number = next(_numbers)
    return mail(f"Subject: question {number}", f"X-Number: {number}", body=f"{text} {number}\r\n".encode())


@pytest.fixture
def user() -> str:
    return f"shop{next(_numbers)}"


@pytest.fixture
def mailbox(world: World, dovecot: Dovecot, user: str) -> Mailbox:
    """Our entry point's mailbox, already read once: what comes from now on is new."""
    box = set_up(world, dovecot.plain, user=user, password=dovecot.password)
    imap.fetch(box)
    return again(box)


def set_up(world: World, port: int, *, user: str, password: str, **more: Any) -> Mailbox:
    values = {"host": "127.0.0.1", "port": port, "security": Security.NONE, "username": user}
    with world.ours.scope():
        return Mailbox.objects.create(
            company=world.ours.company,
            entry_point=world.ours.entry_point,
            password=password,
            **{**values, **more},
        )


def again(mailbox: Mailbox) -> Mailbox:
    with scope.acting_for([mailbox.company_id]):
        return Mailbox.objects.select_related("entry_point").get(pk=mailbox.pk)


def change(mailbox: Mailbox, **values: Any) -> Mailbox:
    with scope.acting_for([mailbox.company_id]):
        Mailbox.objects.filter(pk=mailbox.pk).update(**values)
    return again(mailbox)


def stored(mailbox: Mailbox) -> list[bytes]:
    """The raw mails that were stored, oldest first."""
    with scope.acting_for([mailbox.company_id]):
        return [bytes(row.content) for row in RawArrival.objects.order_by("arrival_id")]


def states(mailbox: Mailbox) -> list[str]:
    with scope.acting_for([mailbox.company_id]):
        return list(Arrival.objects.order_by("id").values_list("state", flat=True))


def flags(dovecot: Dovecot, user: str) -> list[set[bytes]]:
    """The flags of every mail in the mailbox, oldest first."""
    with dovecot.signed_in(user) as client:
        found = client.get_flags(client.search())
        return [set(found[uid]) - {b"\\Recent"} for uid in sorted(found)]


@contextmanager
def watching(mailbox: Mailbox) -> Iterator[doors.Reader]:
    """A process's reader of the mailbox, at work while inside."""
    [claimed] = imap.claim()
    assert claimed.pk == mailbox.pk
    stop = threading.Event()
    reader = doors.Reader(claimed, stop)
    reader.start()
    try:
        yield reader
    finally:
        stop.set()
        reader.join(timeout=20)
        assert not reader.is_alive()


def waits(mailbox: Mailbox) -> Callable[[], bool]:
    """Whether it was looked into and is waited for: who leases it says so from the beginning."""
    return lambda: (box := again(mailbox)).lease_holder.endswith(imap.WAITING) and box.checked_at is not None


class TestTakingMail:
    def test_new_mail_is_stored_as_it_came_and_becomes_a_case(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str
    ) -> None:
        mails = [letter(), letter()]
        dovecot.deliver(user, *mails)

        found = imap.fetch(mailbox)

        assert found.stored == 2
        assert "Dovecot" in found.answer
        assert stored(mailbox) == mails
        assert states(mailbox) == ["handled", "handled"]
        assert flags(dovecot, user) == [{SEEN}, {SEEN}]
        with scope.acting_for([mailbox.company_id]):
            assert Message.objects.count() == 2
            assert Arrival.objects.order_by("id")[0].source == f"imap {user} INBOX 1"

    def test_nothing_is_taken_twice(self, mailbox: Mailbox, dovecot: Dovecot, user: str) -> None:
        dovecot.deliver(user, letter())

        assert [imap.fetch(mailbox).stored for _ in range(2)] == [1, 0]
        assert again(mailbox).last_uid == 1

    def test_mail_that_somebody_opened_meanwhile_is_taken_all_the_same(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str
    ) -> None:
        dovecot.deliver(user, letter(), seen=True)

        assert imap.fetch(mailbox).stored == 1

    def test_it_is_marked_as_read_only_after_it_is_stored(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dovecot.deliver(user, letter(), letter())
        seen_when_stored: list[list[set[bytes]]] = []

        def receive(**given: Any) -> None:
            seen_when_stored.append(flags(dovecot, user))
            raise OSError("the disk is full")

        with monkeypatch.context() as patch, pytest.raises(OSError, match="the disk is full"):
            patch.setattr(imap, "receive", receive)
            imap.fetch(mailbox)

        assert seen_when_stored == [[set(), set()]]
        assert flags(dovecot, user) == [set(), set()]
        assert again(mailbox).last_uid == 0
        assert imap.fetch(mailbox).stored == 2

    def test_a_process_killed_after_storing_takes_the_mail_again_and_knows_it(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dovecot.deliver(user, letter())

        def killed(*_: object) -> None:
            raise OSError("killed")

        with monkeypatch.context() as patch, pytest.raises(OSError, match="killed"):
            patch.setattr(folder, "mark_taken", killed)
            imap.fetch(mailbox)
        assert flags(dovecot, user) == [set()]
        again_ = imap.fetch(change(mailbox, last_uid=0))

        assert again_.stored == 0
        assert flags(dovecot, user) == [{SEEN}]
        assert states(mailbox) == ["handled"]

    def test_a_folder_with_a_japanese_name_can_be_read(
        self, world: World, dovecot: Dovecot, user: str
    ) -> None:
        with dovecot.signed_in(user) as client:
            client.create_folder("お問い合わせ")
            client.append("お問い合わせ", letter())
        box = set_up(world, dovecot.plain, user=user, password=dovecot.password, folder="お問い合わせ")

        assert imap.check(box).endswith("1 messages, 1 unread")
        assert imap.fetch(box).stored == 1

    def test_a_request_that_fails_afterwards_loses_nothing(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str
    ) -> None:
        dovecot.deliver(user, letter())

        with pytest.raises(ZeroDivisionError), scope.acting_for([mailbox.company_id]):
            assert imap.fetch(mailbox).stored == 1
            raise ZeroDivisionError

        assert len(stored(mailbox)) == 1


class TestTheFirstLook:
    """docs/decisions/0012-which-mail-a-mailbox-brings.md"""

    def test_of_an_old_mailbox_only_the_unread_mail_is_taken(
        self, world: World, dovecot: Dovecot, user: str
    ) -> None:
        read, unread, newest = [letter() for _ in range(2_000)], [letter(), letter()], letter()
        dovecot.deliver(user, *read[:1_000], seen=True)
        dovecot.deliver(user, *unread)
        dovecot.deliver(user, *read[1_000:], seen=True)
        box = set_up(world, dovecot.plain, user=user, password=dovecot.password)

        first = imap.fetch(box)
        dovecot.deliver(user, newest, seen=True)
        second = imap.fetch(box)

        assert (first.stored, second.stored) == (2, 1)
        assert sorted(stored(box)) == sorted([*unread, newest])

    def test_a_first_look_that_was_cut_short_goes_on_with_the_unread(
        self, world: World, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dovecot.deliver(user, letter(), seen=True)
        dovecot.deliver(user, letter(), letter())
        dovecot.deliver(user, letter(), seen=True)
        box = set_up(world, dovecot.plain, user=user, password=dovecot.password)
        monkeypatch.setattr(folder, "PORTION_MAILS", 1)
        with monkeypatch.context() as patch, pytest.raises(OSError, match="killed"):
            patch.setattr(folder, "mark_taken", _killed)
            imap.fetch(box)

        assert imap.fetch(box).stored == 1
        assert len(stored(box)) == 2

    def test_what_somebody_deleted_stays_deleted(self, world: World, dovecot: Dovecot, user: str) -> None:
        dovecot.deliver(user, letter())
        with dovecot.signed_in(user) as client:
            client.delete_messages([1])
        box = set_up(world, dovecot.plain, user=user, password=dovecot.password)

        assert imap.fetch(box).stored == 0

    def test_a_folder_made_anew_is_read_from_a_little_before_the_last_look(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str
    ) -> None:
        known, meanwhile = letter(), letter()
        dovecot.deliver(user, known)
        imap.fetch(mailbox)
        before = again(mailbox).uid_validity
        dovecot.make_anew(user)
        dovecot.deliver(user, known, meanwhile, seen=True)

        assert imap.fetch(mailbox).stored == 1
        assert stored(mailbox) == [known, meanwhile]
        assert again(mailbox).uid_validity != before

    def test_of_a_folder_made_anew_what_was_read_long_ago_is_left(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str
    ) -> None:
        dovecot.make_anew(user)
        dovecot.deliver(user, letter(), seen=True)
        before = change(mailbox, checked_at=clock.now() + timedelta(days=30))

        assert imap.fetch(mailbox).stored == 0
        assert again(mailbox).last_uid == 1
        assert again(mailbox).uid_validity != before.uid_validity


def _killed(*_: object) -> None:
    raise OSError("killed")


class TestWhatCannotBeTaken:
    def test_a_mail_too_big_is_left_with_a_flag_and_seen_in_quarantine(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str, settings: Any
    ) -> None:
        settings.MAX_MAIL_BYTES = 1_500_000
        big, small = mail("Subject: a film", body=b"x" * 76 + b"\r\n" * 1_000_000), letter()
        dovecot.deliver(user, big, small)

        imap.fetch(mailbox)
        imap.fetch(mailbox)

        assert states(mailbox) == ["quarantined", "handled"]
        with scope.acting_for([mailbox.company_id]):
            reason = Arrival.objects.order_by("id")[0].reason
        assert "2.0 MB" in reason
        assert "UID 1" in reason
        head, whole = stored(mailbox)
        assert b"Subject: a film" in head
        assert len(head) < 2_000
        assert whole == small
        assert flags(dovecot, user) == [{SEEN, FLAGGED}, {SEEN}]

    def test_a_mail_the_server_refuses_does_not_hold_up_those_behind_it(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mails = [letter(), letter(), letter()]
        dovecot.deliver(user, *mails)
        fetch = IMAPClient.fetch

        def refusing(client: IMAPClient, uids: list[int], items: list[str]) -> object:
            if 2 in uids and items in (["RFC822.SIZE"], ["BODY.PEEK[]"]):
                raise IMAPClientError("FETCH failed: the mail is damaged")
            return fetch(client, uids, items)

        monkeypatch.setattr(IMAPClient, "fetch", refusing)
        imap.fetch(mailbox)

        assert states(mailbox) == ["handled", "quarantined", "handled"]
        with scope.acting_for([mailbox.company_id]):
            assert "FETCH failed: the mail is damaged" in Arrival.objects.order_by("id")[1].reason
        assert [raw in mails for raw in stored(mailbox)] == [True, False, True]
        assert flags(dovecot, user) == [{SEEN}, {SEEN, FLAGGED}, {SEEN}]

    def test_a_server_that_hangs_up_over_a_mail_is_said_until_it_is_repaired(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str
    ) -> None:
        dovecot.deliver(user, letter(), letter())
        broken = sorted((dovecot.maildir(user) / "new").iterdir())[1]
        owner = broken.stat().st_uid
        os.chown(broken, os.geteuid(), -1)
        broken.chmod(0)

        with pytest.raises(IMAPClientError):
            imap.fetch(mailbox)

        assert "Internal error occurred" in again(mailbox).problem
        [broken] = dovecot.maildir(user).glob(f"*/{broken.name}*")
        os.chown(broken, owner, -1)
        broken.chmod(0o600)
        imap.fetch(mailbox)
        assert len(stored(mailbox)) == 2
        assert again(mailbox).problem == ""

    def test_an_empty_mail_goes_to_quarantine(self, mailbox: Mailbox, dovecot: Dovecot, user: str) -> None:
        dovecot.deliver(user, b"\r\n")

        imap.fetch(mailbox)

        assert states(mailbox) == ["quarantined"]

    def test_portions_keep_to_a_size_and_a_number(self) -> None:
        sizes = {1: 3_000_000, 2: 2_000_000, 3: 1_000_000, 4: 9_000_000}
        sizes |= dict.fromkeys(range(5, 5 + folder.PORTION_MAILS + 1), 10)

        groups = [list(group) for group in folder._groups(sizes)]

        assert groups[:3] == [[1], [2, 3], [4]]
        assert [len(group) for group in groups[3:]] == [folder.PORTION_MAILS, 1]


class TestTrouble:
    def test_a_wrong_password_is_said_and_tried_again_after_a_minute(
        self, world: World, dovecot: Dovecot, user: str
    ) -> None:
        box = set_up(world, dovecot.plain, user=user, password="wrong")
        with pytest.raises(LoginError):
            imap.check(box)

        with watching(box):
            until(lambda: again(box).problem, what="the problem")

        assert again(box).problem == "[AUTHENTICATIONFAILED] Authentication failed."
        assert again(box).checked_at is None
        assert imap.claim() == []
        in_a_minute = clock.now() + timedelta(seconds=61)
        with clock.held_at(in_a_minute):
            assert [m.pk for m in imap.claim()] == [box.pk]

    def test_a_password_of_another_key_is_said_and_others_are_read(
        self, world: World, mailbox: Mailbox, dovecot: Dovecot, user: str, settings: Any
    ) -> None:
        key, settings.SECRET_KEY = settings.SECRET_KEY, "another"
        with scope.acting_for([world.theirs.company.pk]):
            unreadable = Mailbox.objects.create(
                company=world.theirs.company,
                entry_point=world.theirs.entry_point,
                host="127.0.0.1",
                port=dovecot.plain,
                security=Security.NONE,
                username=user,
                password="x",
            )
        settings.SECRET_KEY = key
        dovecot.deliver(user, letter())
        stop = threading.Event()
        readers = [doors.Reader(m, stop) for m in imap.claim()]
        for reader in readers:
            reader.start()

        def problem() -> str:
            with scope.acting_for([world.theirs.company.pk]):
                return str(Mailbox.objects.values_list("problem", flat=True).get(pk=unreadable.pk))

        until(lambda: len(stored(mailbox)) == 1, what="the mail of the other")
        until(lambda: problem(), what="the problem")
        stop.set()
        for reader in readers:
            reader.join(timeout=20)
        assert problem() == "the stored password cannot be read: enter it again"

    def test_a_certificate_nobody_vouches_for_is_refused(
        self, world: World, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        box = set_up(
            world, dovecot.tls, user=user, password=dovecot.password, host="localhost", security=Security.TLS
        )
        with watching(box):
            until(lambda: again(box).problem, what="the problem")
        assert again(box).problem == "the server's certificate is not trusted: self-signed certificate"

        monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate.certificate))

        assert "Dovecot" in imap.check(box)

    def test_starttls_checks_the_certificate_too(
        self, world: World, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        box = set_up(world, dovecot.plain, user=user, password=dovecot.password, security=Security.STARTTLS)
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            imap.check(box)

        monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate.certificate))

        assert "Dovecot" in imap.check(box)

    def test_a_folder_that_is_not_there_is_said_by_the_server(
        self, world: World, dovecot: Dovecot, user: str
    ) -> None:
        box = set_up(world, dovecot.plain, user=user, password=dovecot.password, folder="nowhere")

        with pytest.raises(IMAPClientError, match="doesn't exist"):
            imap.check(box)

    @pytest.mark.parametrize(
        "host", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254"]
    )
    def test_the_inside_of_a_cloud_is_out_of_reach(self, world: World, host: str) -> None:
        box = set_up(world, 143, user="x", password="x", host=host)

        with pytest.raises(HostRefused, match="kept from such connections"):
            imap.check(box)

    def test_a_server_that_dies_in_the_middle_costs_no_mail(
        self, world: World, dovecot: Dovecot, user: str
    ) -> None:
        mails = [letter("長い" * 20_000) for _ in range(8)]
        with Cutter(dovecot.plain) as between:
            box = set_up(world, between.port, user=user, password=dovecot.password)
            imap.fetch(box)
            dovecot.deliver(user, *mails)
            between.cut_after(300_000)
            with pytest.raises((OSError, IMAPClientError)):
                imap.fetch(box)
            assert again(box).problem != ""
            between.cut_after(None)

            imap.fetch(box)

        assert sorted(stored(box)) == sorted(mails)
        assert again(box).problem == ""


class TestOneReaderOnly:
    def test_a_mailbox_is_claimed_once(self, mailbox: Mailbox) -> None:
        assert [m.pk for m in imap.claim()] == [mailbox.pk]
        assert imap.claim() == []

    def test_two_processes_at_once_claim_different_ones(self, mailbox: Mailbox) -> None:
        barrier, claimed = threading.Barrier(2), []

        def process() -> None:
            barrier.wait()
            claimed.extend(imap.claim())
            doors.connection.close()

        both = [threading.Thread(target=process) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()

        assert [m.pk for m in claimed] == [mailbox.pk]

    def test_who_only_waited_does_not_take_back_what_was_taken_over_in_the_same_moment(
        self, mailbox: Mailbox
    ) -> None:
        [waiting] = imap.claim()
        with unfinished(
            mailbox.company_id, lambda: imap._take_over(mailbox.pk, mailbox.company_id)
        ) as commit:
            late = Somebody(lambda: imap.hold(waiting, imap.READING))
            until_waiting(late)
            taken = commit()

        assert late.done() is False
        assert again(mailbox).lease_holder == f"{taken.lease_holder} {imap.READING}"

    def test_the_lease_of_a_killed_process_ends_by_itself(self, mailbox: Mailbox) -> None:
        [killed] = imap.claim()
        with clock.held_at(clock.now() + imap.LEASE + timedelta(seconds=1)):
            [claimed] = imap.claim()
            assert claimed.pk == mailbox.pk
            assert not imap.hold(killed, imap.READING)
            assert imap.hold(claimed, imap.READING)

    def test_what_is_switched_off_is_not_claimed(self, world: World, mailbox: Mailbox) -> None:
        [claimed] = imap.claim()
        change(mailbox, active=False)

        assert not imap.hold(claimed, imap.READING)
        imap.release(claimed)
        assert imap.claim() == []

    def test_mail_comes_in_as_it_arrives(self, mailbox: Mailbox, dovecot: Dovecot, user: str) -> None:
        with watching(mailbox):
            until(waits(mailbox), what="IDLE")
            dovecot.deliver(user, letter())
            until(lambda: len(stored(mailbox)) == 1, what="the mail", seconds=15)

        assert again(mailbox).lease_holder == ""
        assert again(mailbox).leased_until is None

    def test_a_server_without_idle_is_asked_again(
        self, world: World, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(imap, "NEWS_SECONDS", 0.1)
        with a_dovecot(idle=False) as plain:
            box = set_up(world, plain.plain, user=user, password=plain.password)
            with plain.signed_in(user) as client:
                assert not client.has_capability("IDLE")
            with watching(box):
                until(waits(box), what="the first look")
                plain.deliver(user, letter())
                until(lambda: len(stored(box)) == 1, what="the mail", seconds=15)

    def test_fetch_takes_a_mailbox_over_that_is_merely_waited_for(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str
    ) -> None:
        with watching(mailbox) as reader:
            until(waits(mailbox), what="IDLE")
            holder = again(mailbox).lease_holder

            imap.fetch(mailbox)

            assert again(mailbox).lease_holder != holder
            dovecot.deliver(user, letter())
            reader.join(timeout=15)
            assert not reader.is_alive()
            assert stored(mailbox) == []
        with watching(mailbox):
            until(lambda: len(stored(mailbox)) == 1, what="the mail")

    def test_fetch_leaves_a_mailbox_alone_that_is_being_read(self, mailbox: Mailbox) -> None:
        [claimed] = imap.claim()
        assert imap.hold(claimed, imap.READING)
        before = again(mailbox)

        with pytest.raises(imap.Busy, match="being read at this moment"):
            imap.fetch(mailbox)

        assert again(mailbox).lease_holder == before.lease_holder
        assert again(mailbox).problem == ""

    def test_who_lost_the_lease_while_reading_stops(
        self, mailbox: Mailbox, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(folder, "PORTION_MAILS", 1)
        dovecot.deliver(user, letter(), letter(), letter())
        [claimed] = imap.claim()
        take = imap._take

        def taken_over(box: Mailbox, one: folder.Mail) -> bool:
            change(box, lease_holder="somebody else reading")
            return take(box, one)

        monkeypatch.setattr(imap, "_take", taken_over)
        imap.watch(claimed, stop=threading.Event())

        assert len(stored(mailbox)) == 1
        assert again(mailbox).lease_holder == "somebody else reading"
        assert flags(dovecot, user) == [set(), set(), set()]
