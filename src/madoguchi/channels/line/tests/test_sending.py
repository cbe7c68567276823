"""Answers on their way to LINE, and what LINE says to them."""

import io
import os
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from PIL import Image
from tests.servers.line import USER, Line

from madoguchi.cases.actions import end_link
from madoguchi.cases.models import Attachment, Message
from madoguchi.channels.line.composing import MOST_PICTURE, MOST_PREVIEW, retry_key
from madoguchi.channels.line.models import Account, Friend, SentPart
from madoguchi.channels.line.tests.conftest import Desk
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.advice import advice_for
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.pictures import size_of
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
IMAGE = File("箱.png", "image/png", PNG)


@pytest.fixture
def agent(desk: Desk) -> Actor:
    desk.take(desk.said("箱はどう開けますか"))
    with desk.side.scope():
        return actor_of(desk.side.agent)


def answered(
    desk: Desk, agent: Actor, text: str = "こう開けます。", *, files: tuple[File, ...] = ()
) -> Outgoing:
    with desk.side.scope():
        reply(desk.case(), Reply(text=text, files=files), by=agent)
    return desk.send_all()[-1]


def test_a_long_answer_leaves_in_parts(desk: Desk, line: Line, agent: Actor) -> None:
    outgoing = answered(desk, agent, "あ" * 30_000)

    assert outgoing.state == "sent"
    assert [len(said["messages"]) for said in line.pushed] == [5, 1]
    assert line.keys == [retry_key(outgoing.external_id, 0), retry_key(outgoing.external_id, 1)]
    assert "".join(line.texts) == "あ" * 30_000


def test_a_part_that_was_taken_is_not_sent_again(desk: Desk, line: Line, agent: Actor) -> None:
    line.answers = [(200, ""), (500, "Internal server error")]
    outgoing = answered(desk, agent, "あ" * 30_000)
    assert (outgoing.state, outgoing.response) == ("queued", "500 Internal server error")

    assert desk.send_all()[-1].state == "sent"

    assert [len(said["messages"]) for said in line.pushed] == [5, 1]
    with desk.side.scope():
        assert list(SentPart.objects.order_by("number").values_list("number", "by_reply")) == [
            (0, False),
            (1, False),
        ]


def test_what_line_took_before_counts_as_taken(desk: Desk, line: Line, agent: Actor) -> None:
    outgoing = answered(desk, agent)
    with desk.side.scope():
        SentPart.objects.all().delete()
        Outgoing.objects.update(state="queued")

    assert desk.send_all()[-1].state == "sent"

    assert line.keys == [retry_key(outgoing.external_id, 0)] * 2
    assert len(line.pushed) == 1


@pytest.mark.parametrize(
    ("status", "words", "state"),
    [
        (400, "The property, 'to', is invalid", "failed"),
        (403, "Not available on your plan", "failed"),
        (404, "Not found", "failed"),
        (429, "You have reached your monthly limit.", "failed"),
        (429, "The API rate limit has been exceeded. Try again later.", "queued"),
        (500, "Internal server error", "queued"),
    ],
)
def test_what_line_says_stands_in_the_case(
    desk: Desk, line: Line, agent: Actor, status: int, words: str, state: str
) -> None:
    line.answers = [(status, words)]

    outgoing = answered(desk, agent)

    assert (outgoing.state, outgoing.response) == (state, f"{status} {words}")
    assert line.pushed == []
    with desk.side.scope():
        kind = "message.failed" if state == "failed" else "message.delayed"
        assert Event.objects.filter(kind=kind).count() == 1
        assert desk.case().status == ("open" if state == "failed" else "waiting_customer")


def test_a_token_that_is_wrong_is_waited_for(desk: Desk, line: Line, agent: Actor) -> None:
    with desk.side.scope():
        Account.objects.update(token="another")
    outgoing = answered(desk, agent)

    assert outgoing.state == "queued"
    assert advice_for(outgoing.response).what == "LINEの認証に失敗しました。"


def test_an_account_that_was_taken_away_is_waited_for(desk: Desk, line: Line, agent: Actor) -> None:
    with desk.side.scope():
        Account.objects.all().delete()
    assert answered(desk, agent).state == "queued"


def test_line_that_is_away_is_waited_for(desk: Desk, line: Line, agent: Actor, settings: object) -> None:
    settings.LINE_API = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    assert answered(desk, agent).state == "queued"
    assert line.pushed == []


def test_who_blocked_the_account_is_sent_nothing(desk: Desk, line: Line, agent: Actor) -> None:
    desk.take(desk.event("unfollow"))

    outgoing = answered(desk, agent)

    assert (outgoing.state, line.pushed, desk.case().status) == ("failed", [], "open")
    assert advice_for(outgoing.response).what == "お客様がLINEアカウントをブロックしています。"


def test_the_page_of_the_case_says_that_the_account_is_blocked(desk: Desk, line: Line, agent: Actor) -> None:
    client, number = Client(), desk.case().spoken_number(desk.case().company.prefix)
    client.force_login(desk.side.agent)
    words = "このLINEアカウントはお客様にブロックされているため、返信は届きません。"
    assert words not in client.get(f"/cases/{number}/").content.decode()

    desk.take(desk.event("unfollow"))
    assert words in client.get(f"/cases/{number}/").content.decode()

    desk.take(desk.event("follow"))
    assert words not in client.get(f"/cases/{number}/").content.decode()


def test_a_reply_whose_answer_is_lost_is_not_said_twice(desk: Desk, line: Line, agent: Actor) -> None:
    line.tokens = {"token-1"}
    desk.take(desk.said("まだですか", replyToken="token-1"))
    take, lost = line.answer, []

    def loses_the_first(method: str, path: str, *more: object) -> tuple[int, object, str]:
        said = take(method, path, *more)  # type: ignore[arg-type]
        if path.endswith("/reply") and not lost:
            lost.append(path)
            return 500, {"message": "Internal server error"}, ""
        return said

    line.answer = loses_the_first  # type: ignore[method-assign,assignment]

    assert answered(desk, agent).state == "sent"

    assert (len(line.replied), line.pushed) == (1, [])


def test_nobody_is_in_copy(desk: Desk, line: Line, agent: Actor) -> None:
    with desk.side.scope(), pytest.raises(Refused, match="LINEではCCを使えません"):
        reply(desk.case(), Reply(text="はい", cc=(Party("a@home.example"),)), by=agent)
    with desk.side.scope():
        assert Message.objects.filter(author="staff").count() == 0


def test_a_customer_who_goes_on_by_mail_is_answered_by_mail(desk: Desk, line: Line, agent: Actor) -> None:
    with desk.side.scope():
        sent = reply(
            desk.case(),
            Reply(text="メールでお送りします。", to=(Party("a@home.example"),), confirmed=ANYTHING),
            by=agent,
        )
    assert (sent.channel, sent.entry_point_id) == ("email", desk.side.entry_point.pk)


class TestFiles:
    @pytest.fixture(autouse=True)
    def over_tls(self, settings: object) -> None:
        settings.BASE_URL = "https://support.example"  # type: ignore[attr-defined]

    def test_a_picture_leaves_as_a_signed_link_that_line_can_fetch(
        self, desk: Desk, line: Line, agent: Actor
    ) -> None:
        answered(desk, agent, files=(IMAGE,))

        [words, picture] = line.pushed[0]["messages"]
        assert (words["text"], picture["type"]) == ("こう開けます。", "image")
        fetched = Client().get(urlsplit(picture["originalContentUrl"]).path)
        assert (fetched.status_code, fetched.content, fetched["Content-Type"]) == (200, PNG, "image/png")
        assert fetched["Content-Disposition"].startswith("attachment")
        assert "sandbox" in fetched["Content-Security-Policy"]

    def test_a_large_picture_leaves_with_a_small_one_to_choose_it_by(
        self, desk: Desk, line: Line, agent: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noise = Image.frombytes("RGB", (700, 500), os.urandom(700 * 500 * 3))
        large = io.BytesIO()
        noise.save(large, "PNG")
        assert MOST_PREVIEW < large.tell() < MOST_PICTURE
        answered(desk, agent, files=(File("箱.png", "image/png", large.getvalue()),))

        [_words, picture] = line.pushed[0]["messages"]
        original, small = (urlsplit(picture[one]).path for one in ("originalContentUrl", "previewImageUrl"))
        assert (picture["type"], small) == ("image", f"{original}preview/")
        assert Client().get(original).content == large.getvalue()
        fetched = Client().get(small)
        assert (fetched.status_code, fetched["Content-Type"]) == (200, "image/jpeg")
        assert (size_of(fetched.content), len(fetched.content) <= MOST_PREVIEW) == ((700, 500), True)
        assert "sandbox" in fetched["Content-Security-Policy"]

        # and it is drawn so often and no more, and for nobody once the answer is taken back
        monkeypatch.setattr("madoguchi.portal.line.MOST_PREVIEWS", 1)
        assert Client().get(small).status_code == 429
        assert Client().get(small.replace("preview", "previews")).status_code == 404
        assert Client().get(f"{original[:-2]}x/preview/").status_code == 404
        with desk.side.scope():
            Outgoing.objects.update(state="cancelled")
        assert Client().get(small).status_code == 404

    def test_of_what_cannot_be_drawn_a_link_leaves(self, desk: Desk, line: Line, agent: Actor) -> None:
        answered(desk, agent, files=(File("箱.png", "image/png", PNG + bytes(MOST_PREVIEW)),))

        [_words, link] = line.texts
        name, address = link.splitlines()
        assert name == "📎 箱.png"
        assert Client().get(f"{urlsplit(address).path}preview/").status_code == 404

    def test_another_file_leaves_as_a_link_beside_the_words(
        self, desk: Desk, line: Line, agent: Actor
    ) -> None:
        answered(desk, agent, files=(File("見積.pdf", "application/pdf", b"%PDF"),))

        [_words, link] = line.texts
        name, address = link.splitlines()
        assert name == "📎 見積.pdf"
        fetched = Client().get(urlsplit(address).path)
        assert (fetched.content, fetched["Content-Type"]) == (b"%PDF", "application/octet-stream")

    def test_a_link_that_was_not_made_here_opens_nothing(self, desk: Desk, line: Line, agent: Actor) -> None:
        answered(desk, agent, files=(IMAGE,))
        path = urlsplit(line.pushed[0]["messages"][1]["originalContentUrl"]).path

        assert Client().get(re.sub(r"f(\d+)\.", r"f1\1.", path)).status_code == 404
        assert Client().get(f"{path[:-2]}x/").status_code == 404
        assert Client().post(path).status_code == 405

    def test_what_was_taken_back_is_fetched_no_more(self, desk: Desk, line: Line, agent: Actor) -> None:
        answered(desk, agent, files=(IMAGE,))
        path = urlsplit(line.pushed[0]["messages"][1]["originalContentUrl"]).path
        with desk.side.scope():
            Outgoing.objects.update(state="cancelled")

        assert Client().get(path).status_code == 404

    def test_a_link_works_for_eight_weeks(self, desk: Desk, line: Line, agent: Actor) -> None:
        answered(desk, agent, files=(IMAGE,))
        path = urlsplit(line.pushed[0]["messages"][1]["originalContentUrl"]).path
        with desk.side.scope():
            left_at = Outgoing.objects.get().finished_at
        assert left_at

        with clock.held_at(left_at + timedelta(weeks=8)):
            assert Client().get(path).content == PNG
        with clock.held_at(left_at + timedelta(weeks=8, seconds=1)):
            over = Client().get(path)

        assert (over.status_code, over.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        said = over.content.decode()
        assert "このファイルの公開期間は終了しました" in said
        assert "箱.png" not in said

    def test_once_the_link_to_the_case_is_ended_only_files_sent_since_are_fetched(
        self, desk: Desk, line: Line, agent: Actor
    ) -> None:
        answered(desk, agent, files=(IMAGE,))
        paths = [urlsplit(line.pushed[-1]["messages"][1]["originalContentUrl"]).path]
        with desk.side.scope():
            end_link(desk.case(), by=agent)
        answered(desk, agent, files=(IMAGE,))
        paths += [urlsplit(line.pushed[-1]["messages"][1]["originalContentUrl"]).path]

        assert [Client().get(path).status_code for path in paths] == [404, 200]

    def test_what_a_scanner_holds_back_is_not_handed_out(self, desk: Desk, line: Line, agent: Actor) -> None:
        answered(desk, agent, files=(IMAGE,))
        path = urlsplit(line.pushed[0]["messages"][1]["originalContentUrl"]).path
        with desk.side.scope():
            Attachment.objects.update(scan="harmful")

        assert Client().get(path).status_code == 404


def test_each_account_knows_its_own_friends(desk: Desk, line: Line, agent: Actor) -> None:
    with desk.side.scope():
        friend = Friend.objects.get()
        assert (friend.user, friend.entry_point_id) == (USER, desk.point.pk)
