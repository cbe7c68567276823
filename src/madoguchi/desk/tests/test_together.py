"""Two of the desk at one case, by their pages: what each is told, and what is refused."""

import json
import re

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Draft, Message, Presence, ReplyLock
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
THEIRS, MINE, FREE = 'data-state="theirs"', 'data-state="mine"', 'data-state="free"'


def here(client: Client, number: str, *, writing: str = "no") -> str:
    answer = client.post(f"/cases/{number}/here/", {"writing": writing}, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def opened(client: Client, number: str) -> str:
    return client.get(f"/cases/{number}/", headers=HTMX).content.decode()


def ours(world: World) -> list[Message]:
    return [m for m in everything(Message) if m.author == Message.Author.STAFF]


def test_each_is_told_who_else_has_the_case_open(agent: Client, supervisor: Client, number: str) -> None:
    alone = here(agent, number)
    both = here(supervisor, number)

    assert ("森 美咲" in alone, "青木 翔" in alone, FREE in alone) == (False, False, True)
    assert ("森 美咲" in both, "青木 翔" in both, "も閲覧中" in both) == (False, True, True)
    assert "青木 翔" in opened(supervisor, number)


def test_who_left_is_no_longer_shown(agent: Client, supervisor: Client, number: str) -> None:
    here(agent, number, writing="yes")

    assert agent.post(f"/cases/{number}/gone/").status_code == 204

    told = here(supervisor, number)
    assert ("青木 翔" in told, FREE in told) == (False, True)


def test_the_others_composer_says_who_writes(agent: Client, supervisor: Client, number: str) -> None:
    assert MINE in here(agent, number, writing="yes")

    told, page = here(supervisor, number, writing="yes"), opened(supervisor, number)

    for words in (told, page):
        assert THEIRS in words
        assert "青木 翔さんが返信を書いています。" in words
        assert "返信を引き継ぐ" in words
    assert 'rows="3" readonly' in page
    assert 'rows="3" readonly' not in opened(agent, number)


def test_who_has_ended_to_write_lets_go(agent: Client, supervisor: Client, number: str) -> None:
    here(agent, number, writing="yes")

    assert FREE in here(agent, number, writing="done")
    assert MINE in here(supervisor, number, writing="yes")


def test_an_answer_is_refused_while_somebody_else_writes(
    agent: Client, supervisor: Client, number: str, world: World
) -> None:
    here(agent, number, writing="yes")

    refused = supervisor.post(
        f"/cases/{number}/reply/", {"text": "先に送ります。", "version": "1"}, headers=HTMX
    )

    assert refused.status_code == 409
    told = refused.content.decode()
    assert "青木 翔さんがこの用件の返信を書いているため、送信しませんでした。" in told
    assert THEIRS in told
    assert (ours(world), everything(Outgoing)) == ([], [])
    assert "先に送ります。" in opened(supervisor, number)


def test_sending_lets_go_and_the_second_answer_is_told_to_look(
    agent: Client, supervisor: Client, number: str, case: Case, world: World
) -> None:
    here(agent, number, writing="yes")
    words = {"version": str(case.version)}

    sent = agent.post(f"/cases/{number}/reply/", {"text": "はい。", **words}, headers=HTMX)
    second = supervisor.post(f"/cases/{number}/reply/", {"text": "ええ。", **words}, headers=HTMX)

    assert (sent.status_code, second.status_code) == (200, 409)
    assert [m.text for m in ours(world)] == ["はい。"]
    assert everything(ReplyLock) == []


def test_a_note_can_be_written_meanwhile(agent: Client, supervisor: Client, number: str) -> None:
    here(agent, number, writing="yes")

    assert supervisor.post(f"/cases/{number}/note/", {"note": "急ぎです。"}, headers=HTMX).status_code == 200


def test_a_supervisor_takes_over_and_the_former_is_told(
    agent: Client, supervisor: Client, number: str
) -> None:
    here(agent, number, writing="yes")

    taken = supervisor.post(f"/cases/{number}/take-over/", headers=HTMX)

    assert taken.status_code == 200
    assert MINE in taken.content.decode()
    told = here(agent, number, writing="yes")
    assert "森 美咲さんがこの返信を引き継ぎました。書いた内容は残っています。" in told
    assert "入力欄の下の「残してあるあなたの文章」から取り出せます。" in told
    assert "元の文章は書いた人のために残ります。" in json.loads(taken["HX-Trigger"])["toast"]["text"]
    assert "返信を引き継ぐ" not in told
    assert "森 美咲さんが青木 翔さんの書いていた返信を引き継ぎました" in opened(agent, number)


def test_an_agent_takes_nothing_over(agent: Client, supervisor: Client, number: str) -> None:
    here(supervisor, number, writing="yes")

    assert agent.post(f"/cases/{number}/take-over/", headers=HTMX).status_code == 403
    assert THEIRS in here(agent, number)


def test_strangers_and_the_company_are_not_there(
    stranger: Client, company_staff: Client, number: str
) -> None:
    for name in ("here", "gone", "take-over"):
        assert stranger.post(f"/cases/{number}/{name}/").status_code == 404
        assert company_staff.post(f"/cases/{number}/{name}/").status_code == 403
    assert (everything(Presence), everything(ReplyLock)) == ([], [])


def test_who_directs_nobody_here_learns_nothing_of_who_is_there(
    agent: Client, company_staff: Client, case: Case, number: str
) -> None:
    agent.post(f"/cases/{number}/here/", {"writing": "yes"}, headers=HTMX)

    told = company_staff.post(f"/cases/{number}/here/", headers=HTMX)

    assert told.status_code == 403
    assert "さんが返信を書いています" not in told.content.decode()


def draft(client: Client, number: str, text: str) -> str:
    answer = client.post(f"/cases/{number}/draft/reply/", {"text": text}, headers=HTMX)
    assert answer.status_code in (200, 204)
    return answer.content.decode()


def stamp() -> str:
    (answer,) = everything(Draft, kind="reply")
    return str(answer.stamp)


class TestTheAnswerBeingWritten:
    def test_whose_it_is_and_since_when_stands_over_it_as_it_arrives_and_once_its_writer_has_gone(
        self, agent: Client, supervisor: Client, number: str
    ) -> None:
        here(agent, number, writing="yes")
        draft(agent, number, "お調べします。")
        told = here(supervisor, number)
        assert re.search(r"<b>青木 翔さんの下書き</b> <span class=\"nowrap\">書き始め\s+<time", told)
        assert "その人のために残ります" not in told

        agent.post(f"/cases/{number}/gone/")

        for page in (here(supervisor, number), opened(supervisor, number)):
            assert re.search(r"<b>青木 翔さんの下書き</b> <span class=\"nowrap\">最終保存\s+<time", page)
        assert "青木 翔さんの下書き" not in opened(agent, number)

    def test_who_looks_reads_it_while_it_is_news_to_their_page(
        self, agent: Client, supervisor: Client, number: str
    ) -> None:
        here(agent, number, writing="yes")
        draft(agent, number, "お調べします。")

        told = here(supervisor, number)
        again = supervisor.post(
            f"/cases/{number}/here/", {"writing": "no", "draft": stamp()}
        ).content.decode()

        assert "readonly" in told
        assert "お調べします。</textarea>" in told
        assert ("<textarea" in again, THEIRS in again) == (False, True)

    def test_who_writes_is_never_given_other_words(
        self, agent: Client, supervisor: Client, number: str
    ) -> None:
        draft(agent, number, "お調べします。")

        assert "<textarea" not in here(supervisor, number, writing="yes")

    def test_a_page_hears_that_a_colleagues_answer_is_gone_but_keeps_its_own_words(
        self, agent: Client, supervisor: Client, number: str
    ) -> None:
        draft(agent, number, "お調べします。")
        seen = {"writing": "no", "draft": stamp()}
        agent.post(f"/cases/{number}/draft/reply/discard/", headers=HTMX)

        told, own = (
            client.post(f"/cases/{number}/here/", seen).content.decode() for client in (supervisor, agent)
        )

        assert "</textarea>" in told
        assert "お調べします。" not in told
        assert "<textarea" not in own

    def test_who_was_relieved_has_no_words_left_that_were_sent_unchanged(
        self, agent: Client, supervisor: Client, number: str, case: Case, world: World
    ) -> None:
        here(agent, number, writing="yes")
        draft(agent, number, "交換品を明日お送りします。")
        seen = {"writing": "no", "draft": stamp()}
        supervisor.post(f"/cases/{number}/take-over/", headers=HTMX)
        words = {"text": "交換品を明日お送りします。", "version": str(case.version)}

        sent = supervisor.post(f"/cases/{number}/reply/", words, headers=HTMX)
        told = agent.post(f"/cases/{number}/here/", seen, headers=HTMX).content.decode()
        late = agent.post(f"/cases/{number}/draft/reply/", words)

        assert (sent.status_code, late.status_code) == (200, 200)
        assert 'data-sent-label="森 美咲さんがこの返信を送信しました。"' in told
        assert (FREE in told, 'placeholder="お客様への返信"></textarea>' in told) == (True, True)
        assert "data-sent-label" not in opened(supervisor, number)
        assert everything(Draft) == []

        again = agent.post(f"/cases/{number}/reply/", words, headers=HTMX)

        page = again.content.decode()
        assert (again.status_code, len(ours(world)), everything(Draft)) == (409, 1, [])
        assert "森 美咲さんがすでに送信しました：「交換品を明日お送りします。」" in page
        assert 'placeholder="お客様への返信"></textarea>' in page

    def test_what_was_taken_back_returns_to_who_sent_it(
        self, agent: Client, supervisor: Client, number: str, case: Case, world: World
    ) -> None:
        here(agent, number, writing="yes")
        draft(agent, number, "お調べします。")
        supervisor.post(f"/cases/{number}/take-over/", headers=HTMX)
        words = {"text": "お調べします。", "version": str(case.version)}
        supervisor.post(f"/cases/{number}/reply/", words, headers=HTMX)
        (outgoing,) = everything(Outgoing)

        supervisor.post(f"/outgoing/{outgoing.pk}/take-back/", headers=HTMX)

        (back,) = everything(Draft)
        assert (back.kind, back.user_id, back.text) == ("reply", world.ours.supervisor.pk, "お調べします。")
        assert THEIRS in here(agent, number)

    @pytest.mark.parametrize("since", ["", "never", "nan", "9" * 400])
    def test_a_stamp_that_none_of_ours_is_does_no_harm(
        self, agent: Client, number: str, since: str, world: World
    ) -> None:
        seen = {"writing": "no", "draft": f"{world.ours.agent.pk}.1.{since}"}

        assert "<textarea" not in agent.post(f"/cases/{number}/here/", seen).content.decode()

    def test_saving_tells_the_stamp_of_what_is_kept(self, agent: Client, number: str) -> None:
        saved = agent.post(f"/cases/{number}/draft/reply/", {"text": "お調べします。"})

        assert (saved.status_code, saved["X-Draft"]) == (204, stamp())

    def test_who_types_beside_the_writer_sees_both(
        self, agent: Client, supervisor: Client, number: str
    ) -> None:
        here(agent, number, writing="yes")
        draft(agent, number, "お調べします。")

        told = draft(supervisor, number, "先に送ります。")

        assert "青木 翔さんが返信を書いています。" in told
        assert "お調べします。</textarea>" in told
        assert "残してあるあなたの文章" in told
        assert '<div class="words">先に送ります。</div>' in told
        assert "先に送ります。" not in opened(agent, number)

    def test_taking_over_shows_the_words(self, agent: Client, supervisor: Client, number: str) -> None:
        here(agent, number, writing="yes")
        draft(agent, number, "お調べします。")

        taken = supervisor.post(f"/cases/{number}/take-over/", headers=HTMX).content.decode()

        assert "お調べします。</textarea>" in taken
        assert "青木 翔さんの下書き" in taken

    def test_what_was_kept_is_taken_up_thrown_away_and_brought_back(
        self, agent: Client, supervisor: Client, stranger: Client, number: str
    ) -> None:
        draft(agent, number, "お調べします。")
        draft(supervisor, number, "はい。")
        (kept,) = everything(Draft, kind="kept")
        address = f"/cases/{number}/kept/{kept.pk}"

        assert stranger.post(f"{address}/take-up/").status_code == 404
        assert stranger.post(f"{address}/drop/").status_code == 404
        assert supervisor.post(f"{address}/take-up/").status_code == 404
        agent.post(f"{address}/drop/")
        assert everything(Draft, kind="kept") == []
        agent.post(f"/cases/{number}/draft/kept/restore/")
        (kept,) = everything(Draft, kind="kept")
        taken = agent.post(f"/cases/{number}/kept/{kept.pk}/take-up/", headers=HTMX).content.decode()

        assert "お調べします。</textarea>" in taken
        assert [(d.kind, d.text) for d in everything(Draft)] == [
            ("kept", "はい。"),
            ("reply", "お調べします。"),
        ]

    def test_an_answer_by_another_leaves_the_words_with_their_writer(
        self, agent: Client, supervisor: Client, number: str
    ) -> None:
        draft(agent, number, "お調べします。")

        supervisor.post(f"/cases/{number}/reply/", {"text": "解決しました。"}, headers=HTMX)

        assert [(d.kind, d.text) for d in everything(Draft)] == [("kept", "お調べします。")]
        assert '<div class="words">お調べします。</div>' in opened(agent, number)
        assert "お調べします。" not in opened(supervisor, number)


class TestAnAnswerThatWasTakenOverSentAndTakenBack:
    TAKEN_OVER = "森 美咲さんがこの返信を引き継ぎました。"

    @pytest.fixture
    def outgoing(self, agent: Client, supervisor: Client, case: Case, number: str) -> Outgoing:
        draft(agent, number, "お調べします。")
        here(agent, number, writing="yes")
        supervisor.post(f"/cases/{number}/take-over/", headers=HTMX)
        supervisor.post(
            f"/cases/{number}/reply/", {"text": "交換します。", "version": case.version}, headers=HTMX
        )
        (outgoing,) = everything(Outgoing)
        return outgoing

    def test_is_its_writers_again_and_the_other_page_still_says_so(
        self, agent: Client, supervisor: Client, number: str, world: World, outgoing: Outgoing
    ) -> None:
        assert FREE in here(agent, number)

        back = supervisor.post(f"/outgoing/{outgoing.pk}/take-back/", headers=HTMX).content.decode()

        assert MINE in back
        assert "交換します。</textarea>" in back
        (held,) = everything(ReplyLock)
        assert (held.user_id, held.taken_from_id) == (world.ours.supervisor.pk, world.ours.agent.pk)
        told = here(agent, number, writing="yes")
        assert THEIRS in told
        assert self.TAKEN_OVER in told
        assert "交換します。</textarea>" in told
        assert self.TAKEN_OVER in opened(agent, number)

    def test_is_not_lost_to_the_one_who_began_again_meanwhile(
        self, agent: Client, supervisor: Client, number: str, outgoing: Outgoing
    ) -> None:
        assert MINE in here(agent, number, writing="yes")
        draft(agent, number, "やはり私が")

        back = supervisor.post(f"/outgoing/{outgoing.pk}/take-back/", headers=HTMX).content.decode()

        assert MINE in back
        assert "交換します。" in back
        assert sorted(d.text for d in everything(Draft)) == ["お調べします。", "やはり私が", "交換します。"]
        assert self.TAKEN_OVER in here(agent, number)
