"""Every channel that is bound keeps the contract of `kernel/channel.py`.

A new channel joins by one entry in `INBOUND` (tests/contracts/inbound.py) or `OUTBOUND`.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.cases.actions import unsend
from madoguchi.cases.actions.arrive import attach
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.companies.factories import make_entry_point
from madoguchi.delivery import channels as senders
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import files
from madoguchi.intake import channels as readers
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import (
    File,
    Inbound,
    Outbound,
    Party,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
    Unreadable,
)
from madoguchi.people.factories import World
from tests.contracts.inbound import BLOTTED, FILE, INBOUND, OURS, SUBJECT, TOKEN, InboundShape, Written
from tests.contracts.outbound import FETCHED, OUTBOUND, PERMANENT, TEMPORARY, FarSide, OutboundShape


@pytest.fixture(params=INBOUND, ids=lambda shape: shape.channel)
def shape(request: pytest.FixtureRequest) -> InboundShape:
    """Each channel by which something comes in."""
    return request.param


@pytest.fixture(params=OUTBOUND, ids=lambda shape: shape.channel)
def way_out(request: pytest.FixtureRequest) -> OutboundShape:
    """Each channel by which something leaves."""
    return request.param


def read(shape: InboundShape, raw: bytes) -> Inbound:
    return readers.reader_of(shape.channel).read(raw, own_addresses=[OURS])


def attempt(shape: InboundShape, raw: bytes) -> Inbound | Unreadable:
    try:
        return read(shape, raw)
    except Unreadable as unreadable:
        return unreadable


def test_every_bound_channel_is_held_to_the_contract() -> None:
    assert set(readers._channels) == {shape.channel for shape in INBOUND}
    assert set(senders._channels) == {shape.channel for shape in OUTBOUND} | FETCHED


class TestWhatComesIn:
    def test_text_is_composed_and_without_card_numbers(self, shape: InboundShape) -> None:
        inbound = read(shape, shape.raw(Written()))

        assert inbound.channel == shape.channel
        assert BLOTTED in inbound.text
        assert BLOTTED in inbound.new_text
        assert (inbound.subject, inbound.sender) == (shape.subject, shape.sender)
        for text in (inbound.text, inbound.new_text, inbound.subject, inbound.sender.name, inbound.html):
            assert unicodedata.is_normalized("NFC", text)
            assert "4111" not in text

    def test_files_come_whole(self, shape: InboundShape) -> None:
        [file] = read(shape, shape.raw(Written())).files

        assert (file.filename, file.content_type, file.size) == (
            FILE.filename,
            FILE.content_type,
            FILE.size,
        )
        assert (file.kept or sha256(file.content).hexdigest()) == sha256(FILE.content).hexdigest()

    def test_the_same_message_by_two_ways_has_one_fingerprint(self, shape: InboundShape) -> None:
        written = Written()
        one, other = read(shape, shape.raw(written)), read(shape, shape.by_another_way(written))

        assert one.fingerprint == other.fingerprint
        assert len(one.fingerprint) == 32
        assert one.external_id == other.external_id != ""

    @pytest.mark.parametrize(
        "other", [Written(text="まだですか。"), Written(sent=2)], ids=["text", "sending"]
    )
    def test_another_message_has_another_fingerprint(self, shape: InboundShape, other: Written) -> None:
        one, another = read(shape, shape.raw(Written())), read(shape, shape.raw(other))

        assert one.fingerprint != another.fingerprint

    def test_an_answer_brings_what_finds_its_case_first(self, shape: InboundShape) -> None:
        answer = read(shape, shape.raw(Written(token=TOKEN)))

        assert (answer.clues[0].kind, answer.clues[0].value) == shape.clue

    def test_reading_twice_reads_the_same(self, shape: InboundShape) -> None:
        raw = shape.raw(Written())

        assert read(shape, raw) == read(shape, raw)

    @pytest.mark.parametrize("cut", [0, 1, 40, 200, 400])
    def test_what_is_cut_short_is_read_or_called_unreadable(self, shape: InboundShape, cut: int) -> None:
        self.assert_read_or_unreadable(shape, shape.raw(Written())[:cut])

    @given(raw=st.binary(max_size=400))
    @settings(max_examples=60, deadline=None)
    @pytest.mark.parametrize("each", INBOUND, ids=lambda shape: shape.channel)
    def test_any_bytes_are_read_or_called_unreadable(self, each: InboundShape, raw: bytes) -> None:
        self.assert_read_or_unreadable(each, raw)

    def assert_read_or_unreadable(self, shape: InboundShape, raw: bytes) -> None:
        found = attempt(shape, raw)
        if isinstance(found, Inbound):
            assert "\x00" not in found.text + found.subject + found.sender.name
            assert unicodedata.is_normalized("NFC", found.text)
        else:
            assert str(found) != ""


@pytest.mark.django_db(transaction=True)
def test_what_a_customer_takes_back_is_gone_by_whichever_channel_it_came(
    shape: InboundShape, world: World
) -> None:
    # given: what was said, with a file that lies in the store
    point = make_entry_point(world.ours.desk, kind=shape.channel)
    with world.ours.scope():
        files.put(FILE.content, company=world.ours.company.pk)
    arrival = receive(raw=shape.raw(Written()), entry_point=point, source="contract")
    assert arrival is not None
    handle(arrival, company=world.ours.company.pk)
    with world.ours.scope():
        said = Message.objects.get()
        [file] = said.attachments.all()
        assert (BLOTTED in said.text, files.read(file.sha256, company=said.company_id)) == (
            True,
            FILE.content,
        )

        # when
        assert unsend(said.pk, by=system(str(shape.channel)))

        # then: that something was said stays, once
        said.refresh_from_db()
        assert (said.subject, said.text, said.new_text, said.html, said.pieces) == ("", "", "", "", [])
        assert said.unsent_at is not None
        assert not said.attachments.exists()
        case = Case.objects.get()
        assert "ブレーカー" not in case.preview + (case.subject if not shape.subject else "")
        assert not unsend(said.pk, by=system(str(shape.channel)))


@pytest.mark.django_db(transaction=True)
class TestWhatLeaves:
    @pytest.fixture
    def far(self, way_out: OutboundShape, world: World) -> Iterator[FarSide]:
        with way_out.far_side(world.ours) as far:
            yield far

    @pytest.fixture
    def message(self, way_out: OutboundShape, far: FarSide, world: World) -> Outbound:
        sender = senders.sender_of(way_out.channel)
        return Outbound(
            external_id=sender.new_external_id(token=TOKEN, domain="shop.example"),
            company=world.ours.company.pk,
            entry_point=far.entry_point,
            sender=Party(world.ours.entry_point.address, "ひなた衣料"),
            to=(way_out.to,),
            subject=f"Re: {SUBJECT}",
            text="交換いたします。",
            created_at=datetime(2026, 11, 22, tzinfo=UTC),
        )

    def test_what_is_taken_brings_a_receipt(
        self, way_out: OutboundShape, far: FarSide, message: Outbound
    ) -> None:
        receipt = senders.sender_of(way_out.channel).send(message)

        assert isinstance(receipt, Receipt)
        assert receipt.response != ""
        assert far.taken == [way_out.known_as(message.external_id)]

    def test_files_arrive_whole_by_whichever_way_and_once(
        self, way_out: OutboundShape, far: FarSide, message: Outbound, world: World
    ) -> None:
        # given: an answer with a file, as it is kept before it leaves
        file = File("お見積り.pdf", "application/pdf", b"%PDF-1.7 " + bytes(range(256)))
        with world.ours.scope():
            said = Message.objects.get(case=make_case(world.ours.entry_point))
            said.pk, said._state.adding = None, True
            said.author, said.external_id = Message.Author.STAFF, message.external_id
            said.save()
            attach(said, (file,))
            now, channel = clock.now(), way_out.channel
            times = {"created_at": now, "due_at": now, "finished_at": now}
            where = {"company": said.company, "entry_point_id": far.entry_point, "channel": channel, **times}
            Outgoing.objects.create(message=said, external_id=said.external_id, state="sent", **where)
        letter, far.answers = replace(message, files=(file,)), [TEMPORARY]

        # when
        with world.ours.scope():
            with pytest.raises(TemporaryFailure):
                senders.sender_of(way_out.channel).send(letter)
            assert far.files() == []
            senders.sender_of(way_out.channel).send(letter)

        # then
        assert far.files() == [file.content]

    def test_choices_come_along_where_they_can_be_touched_and_the_words_everywhere(
        self, way_out: OutboundShape, far: FarSide, message: Outbound
    ) -> None:
        offered = ("返品したい", "人と話す")

        senders.sender_of(way_out.channel).send(replace(message, choices=offered))

        assert far.texts() == [message.text]
        assert tuple(far.choices()) == (offered if way_out.has_choices else ())

    def test_a_refusal_for_now_is_temporary_and_the_next_try_has_the_same_id(
        self, way_out: OutboundShape, far: FarSide, message: Outbound
    ) -> None:
        far.answers = [TEMPORARY]
        with pytest.raises(TemporaryFailure) as failure:
            senders.sender_of(way_out.channel).send(message)
        assert failure.value.response != ""

        senders.sender_of(way_out.channel).send(message)

        assert far.ids == [way_out.known_as(message.external_id)] * 2
        assert far.taken == [way_out.known_as(message.external_id)]

    def test_a_refusal_for_good_is_permanent(
        self, way_out: OutboundShape, far: FarSide, message: Outbound
    ) -> None:
        far.answers = [PERMANENT]

        with pytest.raises(PermanentFailure) as failure:
            senders.sender_of(way_out.channel).send(message)

        assert failure.value.response != ""
        assert far.taken == []

    def test_a_message_without_a_possible_address_fails_for_good_before_it_leaves(
        self, way_out: OutboundShape, far: FarSide, message: Outbound
    ) -> None:
        impossible = replace(message, to=(Party("no address\r\nBcc: all@home.example"),))

        with pytest.raises(PermanentFailure):
            senders.sender_of(way_out.channel).send(impossible)

        assert far.ids == []

    def test_ids_are_new_each_time_and_lead_back_to_the_case(self, way_out: OutboundShape) -> None:
        sender = senders.sender_of(way_out.channel)
        ids = {sender.new_external_id(token=TOKEN, domain="shop.example") for _ in range(50)}

        assert len(ids) == 50
        assert all(TOKEN in external_id for external_id in ids)
