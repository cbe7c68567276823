"""Everything that arrives is kept and handled once, whatever is in it and however it came."""

import errno
import os
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.models import Attachment, Case, Message, Status
from madoguchi.channels.webform.submission import Submission, encode
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.intake import channels
from madoguchi.intake.actions import handle, handle_left_over, handle_many, handling, receive, retry
from madoguchi.intake.jobs import left_over
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.kernel.channel import Channel, Inbound, Party, Unreadable
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def mail(n: int = 1, *, sender: str = "misaki@home.example", subject: str = "", more: str = "") -> bytes:
    head = f"From: {sender}\r\nTo: support@shop.example\r\nSubject: {subject or f'matter {n}'}\r\n"
    return f"{head}Message-ID: <m{n}@home.example>\r\n{more}\r\nwords {n}\r\n".encode()


def store(side: Side, raw: bytes, **more: Any) -> int:
    kept = receive(raw=raw, entry_point=side.entry_point, source="test", **more)
    assert kept is not None
    return kept


def arrive(side: Side, raw: bytes) -> Arrival:
    arrival = handle(store(side, raw), company=side.company.pk)
    assert arrival is not None
    return arrival


def counts() -> dict[str, int]:
    models = (Arrival, RawArrival, Case, Message, Customer, Identity)
    with scope.everywhere(reason="a test looks at everything"):
        return {model.__name__: model.objects.count() for model in models}


def kinds() -> list[str]:
    with scope.everywhere(reason="a test looks at the log"):
        return list(Event.objects.order_by("id").values_list("kind", flat=True))


class TestReceiving:
    def test_it_is_kept_byte_for_byte_before_anything_is_made_of_it(self, world: World) -> None:
        raw = b"\x00\xff not even a mail \r\n"
        kept = receive(raw=raw, entry_point=world.ours.entry_point, source=" smtp\n192.0.2.1 ")

        with world.ours.scope():
            arrival = Arrival.objects.get()
            assert (arrival.pk, arrival.state, arrival.tries) == (kept, "stored", 0)
            assert (arrival.source, arrival.channel, arrival.size) == ("smtp 192.0.2.1", "email", len(raw))
            assert arrival.entry_point_id == world.ours.entry_point.pk
            assert (arrival.case_id, arrival.message_id, arrival.handled_at) == (None, None, None)
            assert bytes(arrival.raw.content) == raw
        assert (counts()["Case"], kinds()) == (0, [])

    def test_the_same_bytes_are_kept_once_a_company(self, world: World) -> None:
        first = store(world.ours, mail())
        other_door = make_entry_point(make_desk(world.ours.company))

        assert receive(raw=mail(), entry_point=world.ours.entry_point, source="again") is None
        assert receive(raw=mail(), entry_point=other_door, source="other door") is None
        theirs = store(world.theirs, mail())

        assert theirs != first
        assert (counts()["Arrival"], counts()["RawArrival"]) == (2, 2)

    def test_nothing_is_too_small(self, world: World) -> None:
        arrival = arrive(world.ours, b"")

        assert (arrival.state, arrival.size) == ("quarantined", 0)


class TestHandling:
    def test_once_however_often_it_is_asked(self, world: World) -> None:
        kept = store(world.ours, mail())
        first = handle(kept, company=world.ours.company.pk)
        before = counts()

        assert first is not None
        assert (first.state, first.tries) == ("handled", 1)
        assert handle(kept, company=world.ours.company.pk) is None
        assert handle_many([kept], company=world.ours.company.pk) == []
        assert handle_left_over() == 0
        assert counts() == before
        assert kinds() == ["customer.created", "case.opened"]

    def test_another_company_handles_nothing_of_ours(self, world: World) -> None:
        kept = store(world.ours, mail())

        assert handle(kept, company=world.theirs.company.pk) is None
        with world.ours.scope():
            assert Arrival.objects.get().state == "stored"
        assert counts()["Case"] == 0

    def test_it_says_what_became_of_it(self, world: World) -> None:
        arrival = arrive(world.ours, mail())

        with world.ours.scope():
            kept, case, message = Arrival.objects.get(), Case.objects.get(), Message.objects.get()
            assert (
                (kept.case_id, kept.message_id)
                == (case.pk, message.pk)
                == (
                    arrival.case_id,
                    arrival.message_id,
                )
            )
            assert kept.summary == "misaki@home.example matter 1"
            assert (len(bytes(kept.fingerprint or b"")), kept.reason) == (32, "")
            assert kept.handled_at is not None

    def test_many_in_one_go_and_one_bad_one_among_them(self, world: World) -> None:
        ids = [store(world.ours, raw) for raw in (mail(1), b"no sender", mail(2), mail(3))]

        taken = handle_many(ids, company=world.ours.company.pk)

        assert [a.state for a in taken] == ["handled", "quarantined", "handled", "handled"]
        assert (counts()["Case"], counts()["Message"], counts()["Customer"]) == (3, 3, 1)

    def test_many_in_one_go_share_one_savepoint(self, world: World) -> None:
        ids = [store(world.ours, mail(n, sender=f"c{n}@home.example")) for n in range(8)]

        with CaptureQueriesContext(connection) as asked:
            taken = handle_many(ids, company=world.ours.company.pk)

        assert [a.state for a in taken] == ["handled"] * 8
        savepoints = [q["sql"] for q in asked if q["sql"].startswith("SAVEPOINT")]
        assert len(savepoints) == 2  # the scope's own, within the test's transaction, and one for all mails

    def test_what_went_well_beside_a_broken_one_is_told_once(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = [store(world.ours, mail(n, sender=f"c{n}@home.example")) for n in range(3)]
        place = handling._place

        def breaking(arrival: Arrival, *rest: Any) -> Any:
            placed = place(arrival, *rest)
            if arrival.pk == ids[1]:
                raise ValueError("broken after its case was opened")
            return placed

        monkeypatch.setattr(handling, "_place", breaking)

        taken = handle_many(ids, company=world.ours.company.pk)

        assert [(a.pk, a.state, a.tries) for a in taken] == [
            (ids[0], "handled", 1),
            (ids[1], "quarantined", 1),
            (ids[2], "handled", 1),
        ]
        assert (taken[1].case_id, taken[1].message_id) == (None, None)
        assert (counts()["Case"], counts()["Message"], counts()["Customer"]) == (2, 2, 2)
        told = ["customer.created", "case.opened"]
        assert kinds() == [*told, "arrival.quarantined", *told]

    def test_the_question_of_many_branches_is_not_planned_for_every_mail(self, world: World) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        for n in range(8):
            arrive(world.ours, mail(n, sender=f"c{n}@home.example"))

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%hint(kind,%'"
                " AND statement NOT LIKE '%pg_prepared_statements%'"
            )
            assert cursor.fetchall() == [(8, 0)]
            cursor.execute("SHOW plan_cache_mode")
            assert cursor.fetchone() == ("auto",)

    def test_in_the_order_they_came_in(self, world: World) -> None:
        ids = [store(world.ours, mail(n, sender=f"c{n}@home.example")) for n in range(4)]

        handle_many(list(reversed(ids)), company=world.ours.company.pk)

        with world.ours.scope():
            numbers = list(Case.objects.order_by("number").values_list("subject", flat=True))
        assert numbers == [f"matter {n}" for n in range(4)]

    def test_a_copy_by_another_way_is_the_same_message(self, world: World) -> None:
        first = arrive(world.ours, mail())
        copy = arrive(world.ours, b"Received: from elsewhere\r\n" + mail())

        assert (copy.state, copy.case_id, copy.message_id) == ("repeated", first.case_id, None)
        assert (counts()["Message"], counts()["Arrival"]) == (1, 2)

    def test_two_copies_in_one_go_are_one_message(self, world: World) -> None:
        ids = [store(world.ours, raw) for raw in (mail(), b"Received: from elsewhere\r\n" + mail())]

        taken = handle_many(ids, company=world.ours.company.pk)

        assert [a.state for a in taken] == ["handled", "repeated"]
        assert taken[0].case_id == taken[1].case_id

    def test_other_words_under_a_used_id_are_another_message(self, world: World) -> None:
        one = arrive(world.ours, mail())
        other = arrive(world.ours, mail().replace(b"words 1", b"other words"))

        assert (one.state, other.state) == ("handled", "handled")
        assert counts()["Message"] == 2

    def test_our_own_answer_that_comes_back_is_no_news(self, world: World) -> None:
        arrival = arrive(world.ours, mail())
        with world.ours.scope():
            case = Case.objects.get()
            Message.objects.create(
                company=case.company,
                case=case,
                contact=case.contacts.get(),
                author="staff",
                text="はい",
                external_id="answer@shop.example",
                at=case.opened_at,
            )
        back = arrive(world.ours, mail(2).replace(b"m2@home.example", b"answer@shop.example"))

        assert (arrival.state, back.state, back.case_id) == ("handled", "repeated", arrival.case_id)
        assert counts()["Message"] == 2


class TestQuarantine:
    @pytest.fixture
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> list[Exception | None]:
        """What the reader of mail raises next; None lets it read."""
        planned: list[Exception | None] = []
        real = channels.reader_of(Channel.EMAIL)

        class Reader:
            def read(self, raw: bytes, *, own_addresses: Any) -> Inbound:
                error = planned.pop(0) if planned else None
                if error:
                    raise error
                return real.read(raw, own_addresses=own_addresses)

        monkeypatch.setitem(channels._channels, Channel.EMAIL, Reader())
        return planned

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (Unreadable("it was never fetched"), "it was never fetched"),
            (ValueError("strange"), "ValueError: strange"),
            (RecursionError("deep"), "RecursionError: deep"),
            (KeyError("x"), "KeyError: 'x'"),
        ],
    )
    def test_what_cannot_be_handled_waits_with_the_reason(
        self, world: World, broken: list[Exception | None], error: Exception, reason: str
    ) -> None:
        broken.append(error)
        arrival = arrive(world.ours, mail())

        assert (arrival.state, arrival.reason, arrival.case_id) == ("quarantined", reason, None)
        assert counts() | {"Arrival": 1, "RawArrival": 1} == counts()
        assert (counts()["Case"], counts()["Customer"]) == (0, 0)
        with world.ours.scope():
            event = Event.objects.get()
        assert (event.kind, event.desk_id) == ("arrival.quarantined", world.ours.desk.pk)
        assert event.data == {"arrival": arrival.pk, "reason": reason}

    @pytest.mark.parametrize(
        "state",
        ["08006", "0A000", "40001", "40P01", "53100", "53200", "53300", "57014", "57P01", "58000", "58030"],
    )
    def test_trouble_of_the_database_says_nothing_of_a_mail(
        self, world: World, state: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def trouble(*_: object, **__: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END $$")

        kept = store(world.ours, mail())
        with monkeypatch.context() as patch:
            patch.setattr(handling, "look_up", trouble)
            for _ in range(4):
                handle_left_over()
        with world.ours.scope():
            arrival = Arrival.objects.get()
            assert (arrival.state, arrival.reason, arrival.tries) == ("stored", "", 0)
        assert (counts()["Case"], kinds()) == (0, [])

        handle_left_over()

        with world.ours.scope():
            assert Arrival.objects.get(pk=kept).state == "handled"

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE])
    def test_nor_does_a_full_disk(self, world: World, number: int, broken: list[Exception | None]) -> None:
        broken += [OSError(number, os.strerror(number))]
        arrival = arrive(world.ours, mail())

        assert (arrival.state, arrival.reason) == ("stored", "")
        assert (counts()["Case"], kinds()) == (0, [])

    @pytest.mark.parametrize("state", ["22000", "23505", "54000", "XX000"])
    def test_what_the_database_says_of_its_content_quarantines_it(
        self, world: World, state: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def trouble(*_: object, **__: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END $$")

        monkeypatch.setattr(handling, "look_up", trouble)

        assert arrive(world.ours, mail()).state == "quarantined"

    def test_a_person_has_it_tried_again(self, world: World, broken: list[Exception | None]) -> None:
        broken += [ValueError("strange"), ValueError("still"), None]
        arrival = arrive(world.ours, mail())
        supervisor = actor_of(world.ours.supervisor)
        with scope.acting_for(supervisor.companies):
            again = retry(arrival.pk, by=supervisor)
            assert (again.state, again.reason, again.tries) == ("quarantined", "ValueError: still", 2)
            done = retry(arrival.pk, by=supervisor)
            assert (done.state, done.reason, done.tries) == ("handled", "", 3)
            assert Case.objects.get().pk == done.case_id
            same = retry(arrival.pk, by=supervisor)
            assert (same.state, same.tries) == ("handled", 3)

        assert kinds() == [
            "arrival.quarantined",
            "arrival.quarantined",
            "arrival.retried",
            "customer.created",
            "case.opened",
            "arrival.retried",
        ]

    @pytest.mark.parametrize("who", ["agent", "company_staff", "company_manager"])
    def test_others_have_nothing_tried_again(self, world: World, who: str) -> None:
        arrival = arrive(world.ours, b"nothing")
        actor = actor_of(getattr(world.ours, who))
        with scope.acting_for(actor.companies), pytest.raises(NotAllowed):
            retry(arrival.pk, by=actor)
        stranger = actor_of(world.theirs.supervisor)
        with scope.acting_for(stranger.companies), pytest.raises(NotFound):
            retry(arrival.pk, by=stranger)

        with world.ours.scope():
            kept = Arrival.objects.get()
        assert (kept.state, kept.tries) == ("quarantined", 1)
        assert kinds() == ["arrival.quarantined"]

    def test_a_channel_nobody_bound_is_no_loss(self, world: World) -> None:
        kept = store(world.ours, mail())
        with world.ours.scope():
            Arrival.objects.filter(pk=kept).update(channel="fax")

        arrival = handle(kept, company=world.ours.company.pk)

        assert arrival is not None
        assert (arrival.state, arrival.reason) == ("quarantined", "KeyError: 'fax'")


class TestLeftOver:
    def test_what_was_stored_and_left_is_handled_company_by_company(self, world: World) -> None:
        for n in range(3):
            store(world.ours, mail(n, sender=f"a{n}@home.example"))
            store(world.theirs, mail(n, sender=f"b{n}@home.example"))

        assert handle_left_over() == 6
        assert handle_left_over() == 0
        with world.theirs.scope():
            assert list(Identity.objects.order_by("value").values_list("value", flat=True)) == [
                "b0@home.example",
                "b1@home.example",
                "b2@home.example",
            ]

    def test_so_many_at_a_time(self, world: World) -> None:
        for n in range(5):
            store(world.ours, mail(n))

        assert [handle_left_over(most=2) for _ in range(4)] == [2, 2, 1, 0]

    def test_the_job_does_just_that(self, world: World) -> None:
        store(world.ours, mail())

        left_over(timestamp=0)

        assert counts()["Case"] == 1


class TestForms:
    def test_a_form_through_a_mail_address_is_read_as_a_form(self, world: World) -> None:
        sent = Submission(
            token="t1",
            name="美咲",
            address="Misaki@Home.Example",
            subject="返品",
            text="靴です",
            language="en",
            phone="090-1234-5678",
        )
        kept = store(world.ours, encode(sent), channel=Channel.FORM)
        arrival = handle(kept, company=world.ours.company.pk)

        assert arrival is not None
        assert (arrival.state, arrival.channel) == ("handled", "form")
        with world.ours.scope():
            case = Case.objects.select_related("customer").get()
            assert (case.channel, case.language, case.subject) == ("form", "en", "返品")
            assert (case.customer.name, case.customer.language) == ("美咲", "en")
            found = Identity.objects.order_by("id").values_list("kind", "value")
            assert list(found) == [("email", "misaki@home.example"), ("phone", "+819012345678")]


class TestThreading:
    """Which case a mail belongs to, whoever wrote it; conversations in any order are in test_any_order.py."""

    def say(self, n: int, parent: int | None, *, how: str = "reply") -> bytes:
        parents = f"<m{parent}@home.example>"
        headers = {
            "reply": f"In-Reply-To: {parents}\r\n",
            "references": f"References: {parents}\r\n",
            "both": f"In-Reply-To: {parents}\r\nReferences: <m0@home.example> {parents}\r\n",
        }
        return mail(n, sender=f"p{n % 3}@home.example", more="" if parent is None else headers[how])

    def test_a_conversation_of_another_company_is_not_joined(self, world: World) -> None:
        theirs = arrive(world.theirs, self.say(0, None))
        ours = arrive(world.ours, self.say(1, 0))

        assert theirs.state == ours.state == "handled"
        with world.ours.scope():
            assert [c.pk for c in Case.objects.all()] == [ours.case_id]

    def test_a_token_goes_before_everything_else(self, world: World) -> None:
        one = arrive(world.ours, mail(1))
        other = arrive(world.ours, mail(2))
        with world.ours.scope():
            token = Case.objects.get(pk=one.case_id).reply_token
        local, _, domain = world.ours.entry_point.address.partition("@")
        headers = f"Delivered-To: {local}+c.{token}@{domain}\r\nIn-Reply-To: <m2@home.example>\r\n"

        answered = arrive(world.ours, mail(3, more=headers))

        assert answered.case_id == one.case_id != other.case_id

    def test_another_companys_token_opens_nothing(self, world: World) -> None:
        theirs = arrive(world.theirs, mail(1))
        with world.theirs.scope():
            token = Case.objects.get(pk=theirs.case_id).reply_token
        local, _, domain = world.ours.entry_point.address.partition("@")
        arrive(world.ours, mail(2, more=f"Delivered-To: {local}+c.{token}@{domain}\r\n"))

        with world.theirs.scope():
            assert Message.objects.count() == 1
        with world.ours.scope():
            assert Case.objects.count() == 1

    def test_a_number_counts_for_the_cases_own_customer_alone(self, world: World) -> None:
        first = arrive(world.ours, mail(1))
        with world.ours.scope():
            number = Case.objects.get().spoken_number(world.ours.company.prefix)
        own = arrive(world.ours, mail(2, subject=f"Re: [{number}]"))
        guess = arrive(world.ours, mail(3, sender="evil@x.example", subject=f"Re: [{number}]"))
        unknown = arrive(world.ours, mail(4, subject=f"Re: [{world.ours.company.prefix}-9999]"))

        assert own.case_id == first.case_id
        assert len({first.case_id, guess.case_id, unknown.case_id}) == 3

    @pytest.mark.parametrize("body", ["iPhoneから送信", ""])
    def test_a_mail_without_words_and_subject_has_no_title(self, world: World, body: str) -> None:
        head = "From: misaki@home.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        came = arrive(world.ours, f"{head}{body}\r\n".encode())

        with world.ours.scope():
            assert (Case.objects.get(pk=came.case_id).subject, came.state) == ("", "handled")
            assert Message.objects.get(pk=came.message_id).text.strip() == body

    def test_a_solved_case_is_opened_again_not_begun_anew(self, world: World) -> None:
        first = arrive(world.ours, self.say(1, None))
        with world.ours.scope():
            Case.objects.update(status=Status.CLOSED)
        again = arrive(world.ours, self.say(4, 1))

        assert again.case_id == first.case_id
        with world.ours.scope():
            assert Case.objects.get().status == Status.OPEN


def test_a_reason_that_the_database_would_refuse_is_a_reason_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any, **more: Any) -> None:
        raise ValueError("at byte \x00 \ud800")

    monkeypatch.setattr(handling, "look_up", fail)
    arrival = arrive(world.ours, mail())

    assert (arrival.state, arrival.reason) == ("quarantined", "ValueError: at byte  ")


def test_one_companys_trouble_keeps_no_other_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def own_addresses(company: int) -> list[str]:
        if company == min(world.ours.company.pk, world.theirs.company.pk):
            raise OSError("trouble")
        return []

    monkeypatch.setattr(handling, "own_addresses", own_addresses)
    for side in (world.ours, world.theirs):
        store(side, mail())

    assert handle_left_over() == 1
    with scope.everywhere(reason="a test looks at everything"):
        states = Arrival.objects.order_by("company_id").values_list("state", flat=True)
        assert list(states) == ["stored", "handled"]


def test_whoever_the_sender_is_their_files_come_along(world: World) -> None:
    raw = (
        b"From: m@home.example\r\nSubject: photo\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nsee\r\n"
        b'--b\r\nContent-Type: image/png; name="a.png"\r\nContent-Disposition: attachment\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--b--\r\n"
    )
    arrive(world.ours, raw)

    with world.ours.scope():
        assert [(a.filename, a.size) for a in Attachment.objects.all()] == [("a.png", 4)]


def test_a_party_is_a_name_and_an_address() -> None:
    assert Party("a@x.example") == Party(address="a@x.example", name="")
