"""Everything that customers send by LINE beside text, and what they take back."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django import app
from tests.servers.line import OTHER, USER, Line

from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.channels.line.actions import count_quotas, forget_old, resume_left_over, setting
from madoguchi.channels.line.actions.working import PAUSES
from madoguchi.channels.line.models import Account, Friend, Received
from madoguchi.channels.line.tests.conftest import Desk, make_account
from madoguchi.following.models import Notification
from madoguchi.infra import files, reactions
from madoguchi.infra.models import Event
from madoguchi.infra.worker import FETCHING
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.queries import search

pytestmark = pytest.mark.django_db(transaction=True)
JPEG = b"\xff\xd8\xff\xe0" + b"jpeg" * 10
LINES = {"type": "line"}
KNOWN = {"text", "sticker", "image", "video", "audio", "file", "location"}


def texts(desk: Desk) -> list[str]:
    with desk.side.scope():
        return list(Message.objects.order_by("at", "id").values_list("text", flat=True))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"type": "sticker", "keywords": ["thanks", "bow", "happy", "x"]}, "［スタンプ］ thanks, bow, happy"),
        ({"type": "sticker", "text": "おはよう", "keywords": ["a"]}, "［スタンプ］ おはよう"),
        ({"type": "sticker"}, "［スタンプ］"),
        (
            {
                "type": "location",
                "title": "本社",
                "address": "東京都港区",
                "latitude": 35.6,
                "longitude": 139.7,
            },
            "［位置情報］\n本社\n東京都港区\n35.6, 139.7",
        ),
        (
            {
                "type": "text",
                "text": "ありがとう(love)",
                "emojis": [{"productId": "1", "emojiId": "1", "index": 5, "length": 6}],
            },
            "ありがとう(love)",
        ),
        ({"type": "hologram"}, "［未対応の種類のメッセージ］"),
        (
            {
                "type": "image",
                "contentProvider": {"type": "external", "originalContentUrl": "https://a.example/1.jpg"},
            },
            "［画像］ https://a.example/1.jpg",
        ),
    ],
)
def test_what_a_message_says(desk: Desk, line: Line, message: dict[str, Any], words: str) -> None:
    desk.as_line_would = message["type"] in KNOWN
    desk.take(desk.event(message={"id": desk.next_id(), **message}))

    assert texts(desk) == [words]
    assert not [path for path in line.asked if path.endswith("/content")]


def test_a_choice_of_a_menu(desk: Desk, line: Line) -> None:
    desk.take(
        desk.event("postback", postback={"data": "visit=1", "params": {"datetime": "2026-12-01T10:00"}})
    )

    assert texts(desk) == ["［選択］ visit=1 2026-12-01T10:00"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("返品したい", "返品したい"),
        ("Size L 在庫", "Size L 在庫"),
        ("action=buy&item=1", "［選択］ action=buy&item=1"),
        ("menu_2", "［選択］ menu_2"),
        ("", "［選択］"),
    ],
)
def test_a_choice_in_words_is_what_was_said(desk: Desk, line: Line, data: str, words: str) -> None:
    desk.take(desk.event("postback", postback={"data": data}))

    assert texts(desk) == [words]


def test_how_many_messages_are_left_is_asked_by_itself(desk: Desk, line: Line) -> None:
    # given
    reactions.enrol()

    def told() -> tuple[int | None, int | None, bool]:
        with desk.side.scope():
            account = Account.objects.get()
            return account.quota, account.used, account.is_nearly_spent

    # when
    line.used = 159
    assert count_quotas() == 1
    assert told() == (200, 159, False)
    line.used = 160
    count_quotas()
    assert told() == (200, 160, True)
    # the company hears of it once
    count_quotas()
    with desk.side.scope():
        [fact] = Event.objects.filter(kind="line.nearly_spent")
        assert fact.data == {"entry_point": desk.point.pk, "used": 160, "quota": 200}
    reactions.catch_up("channels.line_tell")
    with desk.side.scope():
        heard = Notification.objects.filter(kind="line.nearly_spent").values_list("user", flat=True)
        assert list(heard) == [desk.side.company_manager.pk]
        desk.client.force_login(desk.side.company_manager)
        page = desk.client.get(reverse("desk:notifications")).text
    assert "今月のLINEの送信数が上限の8割に達しました" in page

    # when LINE tells how many there were and not how many there may be, that stays
    line.untold.add("/v2/bot/message/quota")
    line.used = 161
    assert (count_quotas(), told()) == (1, (200, 161, True))
    # nor is one without a limit of whom it was never told
    with desk.side.scope():
        Account.objects.update(quota=None, used=None, counted_at=None)
    assert (count_quotas(), told()) == (0, (None, None, False))
    line.untold.clear()
    line.used = 160
    count_quotas()

    # when LINE says nothing, what it told stays
    with desk.side.scope():
        Account.objects.update(token="revoked")
    assert count_quotas() == 0
    assert told() == (200, 160, True)


def test_an_account_whose_token_cannot_be_read_keeps_no_other_from_being_counted(
    world: World, desk: Desk, line: Line
) -> None:
    make_account(world.theirs, address="@minato")
    with desk.side.scope(), connection.cursor() as cursor:
        cursor.execute("UPDATE line_account SET token = 'of another key'")
    line.used = 12

    assert count_quotas() == 1

    with world.theirs.scope():
        assert Account.objects.get().used == 12
    with desk.side.scope():
        assert Account.objects.values_list("used", flat=True).get() is None


@pytest.mark.parametrize(
    ("message", "kind", "name"),
    [
        ({"type": "image"}, "image/jpeg", "image.jpg"),
        ({"type": "image"}, "image/png", "image.png"),
        ({"type": "video", "duration": 1000}, "video/mp4", "video.mp4"),
        ({"type": "audio", "duration": 1000}, "audio/x-m4a", "audio.m4a"),
        ({"type": "file", "fileName": "見積.pdf", "fileSize": 44}, "application/pdf", "見積.pdf"),
    ],
)
def test_files_are_fetched(desk: Desk, line: Line, message: dict[str, Any], kind: str, name: str) -> None:
    line.files["500001"] = (200, kind, JPEG)

    desk.take(desk.event(message={"id": "500001", "contentProvider": LINES, **message}))

    with desk.side.scope():
        [file] = Attachment.objects.all()
        assert (file.filename, file.content_type, file.size) == (name, kind, len(JPEG))
        assert files.read(file.sha256, company=file.company_id) == JPEG


def test_a_file_that_is_not_ready_is_asked_for_again(desk: Desk, line: Line) -> None:
    line.files["500001"] = (202, "application/json", b"{}")
    desk.take(desk.event(message={"type": "video", "id": "500001", "contentProvider": LINES}))
    with desk.side.scope():
        assert (Received.objects.get().tries, Message.objects.count()) == (1, 0)

    line.files["500001"] = (200, "video/mp4", b"mp4")
    desk.work_up()

    with desk.side.scope():
        assert (Received.objects.get().state, Attachment.objects.get().filename) == ("done", "video.mp4")


def test_one_that_is_not_ready_holds_up_nothing_that_is_said_after_it(desk: Desk, line: Line) -> None:
    line.files["500001"] = (202, "application/json", b"{}")
    desk.hand_in(desk.event(message={"type": "video", "id": "500001", "contentProvider": LINES}))
    assert run_next_job() == "line.work_up"

    desk.hand_in(desk.said("動画をお送りしました"))
    assert run_next_job() == "line.work_up"
    assert texts(desk) == ["動画をお送りしました"]
    assert run_next_job() == ""

    line.files["500001"] = (200, "video/mp4", b"mp4")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE task_name = 'line.again'")
    assert [run_next_job() for _job in range(3)] == ["line.again", "line.work_up", ""]
    assert texts(desk) == ["［動画］", "動画をお送りしました"]


def run_next_job() -> str:
    """The name of the job that a worker would take now, when it is done; none where all that are left are held up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, task_name, args FROM procrastinate_fetch_job_v2(%s, NULL)", [[FETCHING]])
        pk, name, args = cursor.fetchone()
        if pk is None:
            return ""
        app.tasks[name].func(**json.loads(args))
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', false)", [pk])
    return str(name)


def test_one_that_never_is_ready_is_said_to_be_missing(desk: Desk, line: Line) -> None:
    line.files["500001"] = (202, "application/json", b"{}")
    desk.take(desk.event(message={"type": "video", "id": "500001", "contentProvider": LINES}))
    for _ in PAUSES:
        desk.work_up()

    [text] = texts(desk)
    assert text.startswith("［動画］\n（ファイルはLINEに残っていないため")
    assert len([path for path in line.asked if path.endswith("/content")]) == len(PAUSES) + 1


def test_one_that_is_gone_is_not_asked_for_again(desk: Desk, line: Line) -> None:
    desk.take(desk.event(message={"type": "image", "id": "500001", "contentProvider": LINES}))

    [text] = texts(desk)
    assert text.startswith("［画像］\n（ファイルはLINEに残っていないため")


def test_one_that_is_too_large_is_said_to_be(desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madoguchi.channels.line.api.MOST_CONTENT", 10)
    line.files["500001"] = (200, "image/jpeg", JPEG)

    desk.take(desk.event(message={"type": "image", "id": "500001", "contentProvider": LINES}))

    [text] = texts(desk)
    assert text.startswith("［画像］\n（ファイルが大きすぎるため")
    with desk.side.scope():
        assert Attachment.objects.count() == 0


class TestFriends:
    def test_a_follow_makes_a_friend_and_no_case(self, desk: Desk, line: Line) -> None:
        desk.take(desk.event("follow", replyToken="t", follow={"isUnblocked": False}))

        with desk.side.scope():
            friend = Friend.objects.get()
            assert (friend.user, friend.called, friend.language) == (USER, "髙橋 美咲", "ja")
            assert friend.followed_at is not None
            assert Case.objects.count() == 0
            assert self.told() == ["line.followed"]

    def test_a_block_and_its_end(self, desk: Desk, line: Line) -> None:
        desk.take(desk.event("follow", ago=300), desk.event("unfollow", ago=200))
        with desk.side.scope():
            assert Friend.objects.get().blocked_at is not None

        desk.take(desk.event("follow", ago=100))

        with desk.side.scope():
            assert Friend.objects.get().blocked_at is None
            assert self.told() == ["line.followed", "line.blocked", "line.followed"]

    def test_a_block_that_is_told_late_is_no_block(self, desk: Desk, line: Line) -> None:
        desk.take(desk.event("follow", ago=100))
        desk.take(desk.event("unfollow", ago=200))

        with desk.side.scope():
            assert Friend.objects.get().blocked_at is None

    @pytest.mark.parametrize("late", ["message", "follow"])
    def test_what_was_done_before_a_block_and_is_told_late_ends_no_block(
        self, desk: Desk, line: Line, late: str
    ) -> None:
        # given one who wrote, and blocked us afterwards
        desk.take(desk.event("follow", ago=300), desk.event("unfollow", ago=100))

        # when what they did in between is told only now
        said = {"message": {"type": "text", "id": desk.next_id(), "text": "まだです"}}
        desk.take(desk.event(late, ago=200, **(said if late == "message" else {})))

        # then
        with desk.side.scope():
            assert Friend.objects.get().blocked_at is not None

        # when they are back
        desk.take(desk.event("follow", ago=50))
        with desk.side.scope():
            assert Friend.objects.get().blocked_at is None

    def test_a_name_that_is_kept_from_us(self, desk: Desk, line: Line) -> None:
        line.names = {}
        desk.take(desk.said())

        with desk.side.scope():
            assert (Message.objects.get().sender_name, desk.case().customer.name) == ("", "")

    def test_a_friend_is_looked_up_once_a_day(self, desk: Desk, line: Line) -> None:
        desk.take(desk.said(), desk.said())

        assert line.asked == [f"/v2/bot/profile/{USER}"]

    def test_somebody_who_reads_english(self, desk: Desk, line: Line) -> None:
        desk.take(desk.said("Where is my parcel?", user=OTHER))

        assert desk.case().language == "en"

    def told(self) -> list[str]:
        return list(
            Event.objects.filter(kind__startswith="line.").order_by("id").values_list("kind", flat=True)
        )


class TestUnsend:
    def test_words_and_files_go_everywhere_and_the_trace_stays(self, desk: Desk, line: Line) -> None:
        line.files["500001"] = (200, "image/jpeg", JPEG)
        desk.take(desk.said("口座は 1234567 です", message="100001"))
        desk.take(desk.event(message={"type": "image", "id": "500001", "contentProvider": LINES}))
        with desk.side.scope():
            sha256 = Attachment.objects.get().sha256

        desk.take(self.unsend(desk, "100001"), self.unsend(desk, "500001"))

        with desk.side.scope():
            case, company = desk.case(), desk.side.company.pk
            assert [m.text for m in Message.objects.all()] == ["", ""]
            assert all(m.unsent_at for m in Message.objects.all())
            assert (case.subject, case.preview) == ("（お客様が送信を取り消しました）",) * 2
            assert Attachment.objects.count() == 0
            assert [bytes(raw.content) for raw in RawArrival.objects.all()] == [b"", b""]
            assert set(Arrival.objects.values_list("summary", flat=True)) == {""}
            assert not Received.objects.exclude(body="").exists()
            assert Event.objects.filter(kind="message.unsent").count() == 2
            with pytest.raises(FileNotFoundError):
                files.read(sha256, company=company)

    def test_one_that_is_told_before_the_message(self, desk: Desk, line: Line) -> None:
        late = desk.said("口座は 1234567 です", message="100001", ago=20)
        desk.take(self.unsend(desk, "100001"))
        desk.take(late)

        with desk.side.scope():
            message = Message.objects.get()
            assert (message.text, bool(message.unsent_at)) == ("", True)
            assert b"1234567" not in bytes(RawArrival.objects.get().content)

    def test_only_who_said_it_takes_it_back(self, desk: Desk, line: Line) -> None:
        desk.take(desk.said("届きません", message="100001"))
        desk.take(self.unsend(desk, "100001", user=OTHER))

        assert texts(desk) == ["届きません"]

    def test_twice_is_as_once(self, desk: Desk, line: Line) -> None:
        desk.take(desk.said("届きません", message="100001"))
        desk.take(self.unsend(desk, "100001"), self.unsend(desk, "100001"))

        with desk.side.scope():
            assert Event.objects.filter(kind="message.unsent").count() == 1

    def test_what_others_said_stays(self, desk: Desk, line: Line) -> None:
        desk.take(desk.said("届きません"), desk.said("口座は 1234567 です", message="100001"))
        desk.take(self.unsend(desk, "100001"))

        assert texts(desk) == ["届きません", ""]
        assert (desk.case().subject, desk.case().preview) == (
            "届きません",
            "（お客様が送信を取り消しました）",
        )

    def test_it_is_found_no_more(self, desk: Desk, line: Line) -> None:
        reactions.enrol()
        desk.take(desk.said("口座番号のこと", message="100001"), desk.said("届きません"))
        reactions.run_all()
        assert self.found(desk) == [desk.case().pk]

        desk.take(self.unsend(desk, "100001"))
        reactions.run_all()

        assert self.found(desk) == []

    def found(self, desk: Desk) -> list[int]:
        with desk.side.scope():
            actor = actor_of(desk.side.agent)
            return [hit.case for hit in search("口座番号", actor=actor, desks=[desk.side.desk]).hits]

    def unsend(self, desk: Desk, message: str, **more: Any) -> dict[str, Any]:
        return desk.event("unsend", unsend={"messageId": message}, **more)


def test_a_job_that_was_lost_is_made_again(desk: Desk, line: Line) -> None:
    desk.hand_in(desk.said())
    with desk.side.scope():
        Received.objects.update(due_at="2026-01-01T00:00:00Z")

    assert resume_left_over() == 1
    assert resume_left_over() == 0


def test_events_of_long_ago_are_forgotten(desk: Desk, line: Line) -> None:
    desk.take(desk.said())
    desk.hand_in(desk.said())
    with desk.side.scope():
        Received.objects.update(received_at="2026-01-01T00:00:00Z")

    assert forget_old() == 1
    with desk.side.scope():
        assert Received.objects.get().state == "waiting"


def test_what_was_caught_on_the_way_and_is_sent_in_again_later_is_not_taken_again(
    desk: Desk, line: Line
) -> None:
    said, now = desk.said(), clock.now()
    desk.take(said)
    for days in (1, 28, 40):
        with clock.held_at(now + timedelta(days=days)):
            forget_old()
            desk.hand_in(said)
    with desk.side.scope():
        assert (Received.objects.count(), Message.objects.count()) == (0, 1)


def test_of_two_who_ask_in_one_hour_one_tells_the_company(desk: Desk, line: Line) -> None:
    # given both have read the account before either heard from LINE
    with desk.side.scope():
        one, other = Account.objects.get(), Account.objects.get()
    line.used = 160

    # when
    assert [setting._counted(one), setting._counted(other)] == [True, True]

    # then
    with desk.side.scope():
        assert Account.objects.get().used == 160
        assert Event.objects.filter(kind="line.nearly_spent").count() == 1
