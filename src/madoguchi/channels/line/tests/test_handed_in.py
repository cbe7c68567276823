"""Webhooks: who signed them, what they hold, and what is made of what nobody signs."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.servers.line import OTHER, SECRET, USER, Line, event, signature, webhook_body

from madoguchi.cases.models import Case
from madoguchi.channels.line.handed_in import MOST_EVENTS, Garbled, events_in, is_signed
from madoguchi.channels.line.models import Account, Friend, Received
from madoguchi.channels.line.tests.conftest import Desk, make_account
from madoguchi.companies.models import EntryPoint
from madoguchi.people.factories import World

AT = 1_795_939_200_123


def _objects(children: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    names = st.sampled_from(["type", "source", "message", "userId", "id", "timestamp", "text"])
    return st.dictionaries(names, children)


class TestSignature:
    def test_of_the_documentation(self) -> None:
        # The example of LINE's guide "Verify webhook signature": this secret, body and signature belong together.
        body = '{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
        secret = "8c570fa6dd201bb328f1c1eac23a96d8"
        assert is_signed(
            body.encode(), signature="GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=", secret=secret
        )

    @given(body=st.binary(max_size=200), secret=st.text("abcdef0123456789", min_size=1, max_size=40))
    def test_holds_for_these_bytes_and_no_others(self, body: bytes, secret: str) -> None:
        signed = signature(body, secret)
        assert is_signed(body, signature=signed, secret=secret)
        assert not is_signed(body + b" ", signature=signed, secret=secret)
        assert not is_signed(body, signature=signed, secret=f"{secret}0")

    def test_without_a_secret_nothing_is_signed(self) -> None:
        assert not is_signed(b"{}", signature=signature(b"{}", ""), secret="")

    @pytest.mark.parametrize("signed", ["", "窓口", "x" * 5000])
    def test_any_header_is_compared(self, signed: str) -> None:
        assert not is_signed(b"{}", signature=signed, secret=SECRET)


class TestEvents:
    def test_a_text(self) -> None:
        message = {"type": "text", "id": "100001", "text": "届きません"}
        [found] = events_in(webhook_body([event(name="01H", at=AT, message=message)]))
        assert (found.id, found.kind, found.source, found.user) == ("01H", "message", "user", USER)
        assert (found.about, found.at) == ("100001", datetime(2026, 11, 29, 8, 0, 0, 123000, UTC))
        assert found.is_from_a_person

    def test_card_numbers_go_before_anything_is_kept(self) -> None:
        message = {"type": "text", "id": "1", "text": "4111 1111 1111 1111"}
        [found] = events_in(webhook_body([event(name="01H", at=AT, message=message)]))
        assert found.said["message"]["text"] == "■■■■ ■■■■ ■■■■ 1111"

    @pytest.mark.parametrize("source", ["group", "room"])
    def test_a_group_is_no_person(self, source: str) -> None:
        said = event(name="01H", at=AT) | {"source": {"type": source, "groupId": "C1", "userId": USER}}
        [found] = events_in(webhook_body([said]))
        assert not found.is_from_a_person

    def test_what_another_system_answers_is_not_ours(self) -> None:
        [found] = events_in(webhook_body([event(name="01H", at=AT) | {"mode": "standby"}]))
        assert not found.is_from_a_person

    def test_what_has_no_name_is_left_out(self) -> None:
        assert events_in(webhook_body([event(name="", at=AT), {}])) == []

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"[]",
            b"null",
            b'{"events": 1}',
            b'{"events": [{"webhookEventId": "1"}]}',
            webhook_body([event(name="01H", at=AT)] * (MOST_EVENTS + 1)),
        ],
    )
    def test_what_line_does_not_write_is_garbled(self, body: bytes) -> None:
        with pytest.raises(Garbled):
            events_in(body)

    @given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda c: st.lists(c) | _objects(c)))
    def test_any_json_is_read_or_garbled(self, said: object) -> None:
        body = json.dumps({"events": [said]}).encode()
        with suppress(Garbled):
            assert events_in(body) == []


@pytest.mark.django_db(transaction=True)
class TestDoor:
    def test_what_is_not_signed_changes_nothing(self, desk: Desk, line: Line) -> None:
        assert desk.hand_in(desk.said(), secret="another") == 401
        assert desk.post(webhook_body([desk.said()]), "") == 401
        assert self.kept(desk) == 0

    @pytest.mark.usefixtures("held_clock")
    def test_who_never_signs_is_told_so_for_a_while_and_silences_nobody(
        self, desk: Desk, line: Line, world: World
    ) -> None:
        make_account(world.theirs, address="@tsubame")
        for _ in range(60):
            assert desk.hand_in(desk.said(), secret="another") == 401
        assert desk.hand_in(desk.said(), secret="another") == 429
        assert desk.hand_in(desk.said(), address="tsubame", secret="another") == 401
        assert self.kept(desk) == 0

        assert desk.hand_in(desk.said()) == 200
        assert self.kept(desk) == 1

    def test_a_company_cannot_sign_for_another(self, desk: Desk, line: Line, world: World) -> None:
        make_account(world.theirs, address="@tsubame")
        with world.theirs.scope():
            Account.objects.update(secret="their-own")
        assert desk.hand_in(desk.said(), address="tsubame") == 401
        assert desk.hand_in(desk.said(), address="tsubame", secret="their-own") == 200
        assert self.kept(desk) == 0
        with world.theirs.scope():
            assert Received.objects.count() == 1

    @pytest.mark.parametrize("address", ["nobody", "asagiri2", "@asagiri"])
    def test_an_account_that_is_not_there(self, desk: Desk, line: Line, address: str) -> None:
        assert desk.hand_in(desk.said(), address=address) == 404

    def test_an_account_out_of_use_or_not_set_up(self, desk: Desk, line: Line) -> None:
        with desk.side.scope():
            EntryPoint.objects.filter(pk=desk.point.pk).update(active=False)
        assert desk.hand_in(desk.said()) == 404
        with desk.side.scope():
            EntryPoint.objects.filter(pk=desk.point.pk).update(active=True)
            Account.objects.all().delete()
        assert desk.hand_in(desk.said()) == 404

    def test_what_is_signed_and_garbled(self, desk: Desk, line: Line) -> None:
        assert desk.post(b"{}", signature(b"{}")) == 400
        large = b" " * 1_000_001
        assert desk.post(large, signature(large)) == 401

    def test_a_try_without_events(self, desk: Desk, line: Line) -> None:
        assert desk.hand_in() == 200
        assert self.kept(desk) == 0

    def test_it_only_keeps_and_asks_line_nothing(self, desk: Desk, line: Line) -> None:
        assert desk.hand_in(desk.said()) == 200
        with desk.side.scope():
            assert (Received.objects.get().state, Case.objects.count()) == ("waiting", 0)
        assert line.asked == []

    def test_a_group_is_noted_without_a_word_or_a_name(self, desk: Desk, line: Line) -> None:
        said = desk.said("秘密の話") | {"source": {"type": "group", "groupId": "C1", "userId": OTHER}}
        desk.take(said)
        with desk.side.scope():
            row = Received.objects.get()
            assert (row.state, row.source, row.user, row.body) == ("aside", "group", "", "")
            assert (Case.objects.count(), Friend.objects.count()) == (0, 0)

    @pytest.mark.usefixtures("held_clock")
    def test_a_flood_is_turned_away_before_it_is_kept(
        self, desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("madoguchi.portal.line.MOST_OF_ACCOUNT", 2)
        answers = [desk.hand_in(desk.said()) for _ in range(3)]
        assert answers == [200, 200, 429]
        assert self.kept(desk) == 2

    def kept(self, desk: Desk) -> int:
        with desk.side.scope():
            return Received.objects.count()
