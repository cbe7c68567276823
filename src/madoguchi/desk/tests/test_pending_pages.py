"""Answers that wait, as pages show and change them."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madoguchi.cases.models import Case, Draft, Message, PendingAnswer
from madoguchi.companies.models import Desk, Engagement
from madoguchi.delivery.actions import let_out_due
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import offered
from madoguchi.desk.tests.conftest import HTMX, counted, everything
from madoguchi.kernel import clock
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(world: World) -> Callable[..., None]:
    def set_to(**fields: object) -> None:
        with world.ours.scope():
            Desk.objects.filter(pk=world.ours.desk.pk).update(**fields)

    return set_to


def only() -> PendingAnswer:
    (answer,) = everything(PendingAnswer)
    return answer


@pytest.mark.parametrize("way", ["later", "approval"])
@pytest.mark.parametrize("stood", ["new", "open, mine"])
def test_a_draft_that_comes_after_its_answer_was_put_aside_is_not_kept(
    agent: Client, world: World, case: Case, number: str, policy: Callable[..., None], way: str, stood: str
) -> None:
    if stood == "open, mine":
        with world.ours.scope():
            Case.objects.update(status="open", assignee=world.ours.agent, waiting_since=clock.now())
            case.refresh_from_db()
    if way == "approval":
        policy(approval="everyone")
    typed = {"text": "明日お届けし", "version": case.version}
    agent.post(f"/cases/{number}/reply/", typed | {"text": "明日お届けします。", "later": "tomorrow"})

    late = agent.post(f"/cases/{number}/draft/reply/", typed)

    assert late.status_code == 200
    assert ([one.text for one in everything(PendingAnswer)], everything(Draft)) == (
        ["明日お届けします。"],
        [],
    )
    agent.post(f"/cases/{number}/draft/reply/", typed | {"text": "また別に"})
    assert [one.text for one in everything(Draft)] == ["また別に"]


class TestSendingLater:
    def test_an_offer_is_taken_without_javascript(self, agent: Client, number: str) -> None:
        page = agent.get(f"/cases/{number}/").content.decode()
        assert re.findall(r'name="later" value="(\w+)"', page)[-1] == "own"
        response = agent.post(f"/cases/{number}/reply/", {"text": "明朝に。", "later": "tomorrow"})

        assert (response.status_code, response.url) == (302, f"/cases/{number}/")
        assert (only().state, only().due_at) == ("scheduled", offered("tomorrow", clock.now()))
        shown = agent.get(f"/cases/{number}/").content.decode()
        assert "明朝に。" in shown
        assert "今すぐ送信" in shown
        for view in ("scheduled", "open"):
            listed = agent.get(f"/cases/?view={view}").content.decode()
            assert 'class="tag scheduled">予約 明日 09:00' in listed
        assert f'href="#pending-{only().pk}"' in shown
        assert "予約 明日 09:00" in shown

    def test_a_time_of_ones_own_with_the_way_back(self, agent: Client, number: str) -> None:
        at = (clock.now() + timedelta(days=2)).astimezone(clock.TOKYO).strftime("%Y-%m-%dT%H:%M")
        written = {"text": "後日。", "later": "own", "at": at}
        response = agent.post(f"/cases/{number}/reply/", written, headers=HTMX)

        toast = json.loads(response["HX-Trigger"])["toast"]
        assert toast["undo"] == f"/pending/{only().pk}/take-back/"
        assert clock.TOKYO.fromutc(only().due_at.replace(tzinfo=clock.TOKYO)).strftime("%Y-%m-%dT%H:%M") == at
        agent.post(toast["undo"], headers=HTMX)
        assert (only().state, [d.text for d in everything(Draft)]) == ("taken_back", ["後日。"])

    @pytest.mark.parametrize("at", ["2020-01-01T09:00", "2999-01-01T09:00", "", "あした"])
    def test_a_time_that_makes_no_sense_leaves_the_words_in_the_composer(
        self, agent: Client, number: str, at: str
    ) -> None:
        written = {"text": "後日。", "later": "own", "at": at}
        response = agent.post(f"/cases/{number}/reply/", written)

        assert response.status_code == 422
        assert (everything(PendingAnswer), everything(Outgoing)) == ([], [])
        assert [d.text for d in everything(Draft)] == ["後日。"]

    def test_what_is_asked_first_keeps_the_time(
        self, agent: Client, number: str, policy: Callable[..., None]
    ) -> None:
        policy(care_words="返金")
        written = {"text": "返金します。", "later": "tomorrow"}
        asked = agent.post(f"/cases/{number}/reply/", written, headers=HTMX).content.decode()
        assert '<input type="hidden" name="later" value="tomorrow">' in asked
        assert everything(PendingAnswer) == []
        agent.post(f"/cases/{number}/reply/", written | {"confirmed": "care 返金"})
        assert (only().state, only().confirmed) == ("scheduled", ["care 返金"])

    def test_it_is_moved_sent_now_and_thrown_away(self, agent: Client, number: str) -> None:
        for text in ("一", "二", "三"):
            known = [f"waiting {answer.pk}" for answer in everything(PendingAnswer)]
            written = {"text": text, "later": "tomorrow", "confirmed": known}
            agent.post(f"/cases/{number}/reply/", written)
        first, second, third = (answer.pk for answer in everything(PendingAnswer))
        agent.post(f"/pending/{first}/plan/", {"later": "monday"})
        agent.post(f"/pending/{second}/plan/", {"later": "now"})
        agent.post(f"/pending/{third}/discard/")

        assert [a.state for a in everything(PendingAnswer)] == ["scheduled", "left", "discarded"]
        assert everything(PendingAnswer)[0].due_at == offered("monday", clock.now())
        assert [m.text for m in everything(Message, author="staff")] == ["二"]

    def test_what_is_shown_costs_two_queries_more_and_nothing_where_there_is_none(
        self, agent: Client, number: str
    ) -> None:
        with counted() as before:
            agent.get(f"/cases/{number}/")
        for text in ("一", "二"):
            known = [f"waiting {answer.pk}" for answer in everything(PendingAnswer)]
            written = {"text": text, "later": "tomorrow", "confirmed": known}
            agent.post(f"/cases/{number}/reply/", written)
        with counted() as after:
            agent.get(f"/cases/{number}/")
        waiting = [query for query in after.queries if 'FROM "cases_pending' in query]
        assert len(waiting) == 3  # with the look at the case itself
        assert [query for query in before.queries if 'FROM "cases_pendingfile' in query] == []

    def test_a_colleague_is_asked_and_the_page_says_why_it_is_held(
        self, agent: Client, supervisor: Client, world: World, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "明朝。", "later": "tomorrow"})
        key = f"waiting {only().pk}"

        asked = supervisor.post(f"/cases/{number}/reply/", {"text": "いま。"}, headers=HTMX).content.decode()
        assert f"{world.ours.agent.name}さんの返信が 明日 09:00 に送信予約されています。" in asked
        assert f'name="confirmed" value="{key}"' in asked
        assert everything(Message, author="staff") == []
        supervisor.post(f"/cases/{number}/reply/", {"text": "いま。", "confirmed": key})
        with clock.held_at(only().due_at):
            let_out_due(only().pk, company=only().company_id)

        assert [m.text for m in everything(Message, author="staff")] == ["いま。"]
        page = agent.get(f"/cases/{number}/").content.decode()
        assert "ほかの返信が先に送信されました。送る前に、その返信をお読みください。" in page


class TestApproval:
    def test_sending_becomes_asking(
        self, agent: Client, supervisor: Client, number: str, policy: Callable[..., None]
    ) -> None:
        policy(approval="everyone")
        assert "承認を依頼" in agent.get(f"/cases/{number}/").content.decode()
        agent.post(f"/cases/{number}/reply/", {"text": "返金します。", "word": "金額を"})

        assert (only().state, only().word, everything(Outgoing)) == ("awaiting", "金額を", [])
        assert "承認する</button>" not in agent.get(f"/cases/{number}/").content.decode()
        page = supervisor.get(f"/cases/{number}/").content.decode()
        assert all(words in page for words in ("承認する</button>", "金額を", "返金します。"))
        rail = supervisor.get("/").content.decode()
        assert re.search(r'承認待ち</span><b class="due">1</b>', rail)

    @pytest.mark.parametrize(
        ("kept", "shown"),
        [
            ({}, "<dt>宛先</dt><dd>misaki@home.example</dd>"),
            ({"masked": ["email"]}, "<dt>宛先</dt><dd>mi••••@••••.example</dd>"),
            ({"hidden": ["email"]}, ""),
        ],
    )
    def test_a_senior_sees_whom_it_goes_to_as_far_as_the_contract_lets_them(
        self,
        world: World,
        agent: Client,
        supervisor: Client,
        number: str,
        policy: Callable[..., None],
        kept: dict[str, list[str]],
        shown: str,
    ) -> None:
        policy(approval="everyone")
        agent.post(f"/cases/{number}/reply/", {"text": "返金します。"})
        with world.ours.scope():
            Engagement.objects.filter(desk=world.ours.desk).update(**kept)

        page = supervisor.get(f"/cases/{number}/").text
        waits = page.partition('id="pending"')[2].partition("</section>")[0]

        assert "返金します。" in waits
        assert ("<dt>宛先</dt>" in waits) == bool(shown)
        assert shown in waits
        assert ("misaki@home.example" in waits) == (not kept)

    def test_a_senior_sees_all_that_is_to_be_approved(
        self, agent: Client, supervisor: Client, number: str, policy: Callable[..., None]
    ) -> None:
        policy(approval="everyone", care_words="返金", check_attachment=True)
        kept = agent.post(
            f"/cases/{number}/files/", {"file": SimpleUploadedFile("振込先.txt", b"abc")}
        ).json()
        written = {
            "text": "返金します。",
            "attachment": kept["id"],
            "to": "otto@home.example",
            "cc": "keiri@home.example",
            "bcc": "kansa@ours.example",
        }
        asked = agent.post(f"/cases/{number}/reply/", written).text
        confirmed = [
            *re.findall(r'name="confirmed" value="(recipients [^"]+)"', asked),
            "care 返金",
            "care 昔の言葉",
        ]
        agent.post(f"/cases/{number}/reply/", written | {"confirmed": confirmed})
        assert only().state == "awaiting"

        page = supervisor.get(f"/cases/{number}/").text
        waits = page.partition('id="pending"')[2].partition("</section>")[0]

        assert re.findall(r"<dt>(.*?)</dt>", waits) == ["宛先", "Cc", "Bcc", "件名", "ファイル"]
        lines = re.findall(r"<dd>(.*?)</dd>", waits)
        assert lines[:3] == ["otto@home.example", "keiri@home.example", "kansa@ours.example"]
        assert re.fullmatch(rf"Re: .*\[{number}\]", lines[3])
        assert "このお客様のものと確認されていない宛先です。" in waits
        assert re.findall(r"<li>(.*?)</li>", waits) == ["「返金」は、この窓口で注意が必要な言葉です。"]

    def test_a_file_is_looked_at_before_it_leaves_by_the_desks_people_alone(
        self,
        agent: Client,
        supervisor: Client,
        stranger: Client,
        company_staff: Client,
        number: str,
    ) -> None:
        kept = agent.post(f"/cases/{number}/files/", {"file": SimpleUploadedFile("見積.txt", b"abc")}).json()
        agent.post(
            f"/cases/{number}/reply/", {"text": "明朝に。", "later": "tomorrow", "attachment": kept["id"]}
        )
        page = supervisor.get(f"/cases/{number}/").text
        (address,) = re.findall(r'href="(/pending-files/[^"]+)"', page)

        shown = supervisor.get(address)

        assert (shown.status_code, shown.content) == (200, b"abc")
        assert shown["Content-Disposition"].startswith("attachment")
        assert [who.get(address).status_code for who in (stranger, company_staff)] == [404, 403]

    def test_every_way_of_sending_says_that_it_asks_for_approval(
        self, agent: Client, number: str, policy: Callable[..., None]
    ) -> None:
        policy(approval="everyone")

        page = agent.get(f"/cases/{number}/").text
        form = page.partition('id="reply-form"')[2].partition("</form>")[0]

        assert re.findall(r'name="status" value="\w+"[^>]*>([^<]+)<', form) == [
            "承認を依頼（送信後に解決）",
            "承認を依頼 ",
            "承認を依頼（送信後は返事待ち）",
            "承認を依頼（送信後も対応中）",
            "承認を依頼（送信後は社外の回答待ち）",
            "承認を依頼（送信後に解決）",
        ]

    def test_a_senior_approves_changes_and_returns(
        self, world: World, agent: Client, supervisor: Client, number: str, policy: Callable[..., None]
    ) -> None:
        policy(approval="everyone")
        for text in ("一", "二", "三"):
            known = [f"waiting {answer.pk}" for answer in everything(PendingAnswer)]
            agent.post(f"/cases/{number}/reply/", {"text": text, "confirmed": known})
        first, second, third = (answer.pk for answer in everything(PendingAnswer))

        supervisor.post(f"/pending/{first}/approve/")
        supervisor.post(f"/pending/{second}/approve/", {"text": "二を直した"})
        supervisor.post(f"/pending/{third}/return/", {"comment": "短すぎます"})

        assert [m.text for m in everything(Message, author="staff")] == ["一", "二を直した"]
        assert {m.user_id for m in everything(Message, author="staff")} == {world.ours.agent.pk}
        assert [a.state for a in everything(PendingAnswer)] == ["left", "left", "returned"]
        page = agent.get(f"/cases/{number}/").content.decode()
        assert "短すぎます" in page
        assert "短すぎます" not in supervisor.get(f"/cases/{number}/").content.decode()
        agent.post(f"/pending/{third}/discard/")
        assert "短すぎます" not in agent.get(f"/cases/{number}/").content.decode()

    def test_a_word_that_needs_care_says_so_before(
        self, agent: Client, number: str, policy: Callable[..., None]
    ) -> None:
        policy(approval="care", care_words="返金")
        asked = agent.post(f"/cases/{number}/reply/", {"text": "返金します。"}, headers=HTMX).content.decode()
        assert "間違いないので承認を依頼" in asked
        agent.post(f"/cases/{number}/reply/", {"text": "返金します。", "confirmed": "care 返金"})
        assert only().state == "awaiting"

    @pytest.mark.parametrize("act", ["plan", "take-back", "discard", "approve", "return"])
    def test_others_change_nothing(
        self,
        world: World,
        agent: Client,
        stranger: Client,
        company_staff: Client,
        number: str,
        policy: Callable[..., None],
        act: str,
    ) -> None:
        policy(approval="everyone")
        agent.post(f"/cases/{number}/reply/", {"text": "返金します。"})
        before = only()
        sent = {"later": "now", "comment": "だめ", "text": "別の文"}
        answers = [
            who.post(f"/pending/{before.pk}/{act}/", sent).status_code for who in (stranger, company_staff)
        ]
        if act in ("approve", "return"):
            answers.append(agent.post(f"/pending/{before.pk}/{act}/", sent).status_code)

        assert set(answers) <= {403, 404}
        assert (only().state, only().text, only().changed_at) == (
            "awaiting",
            "返金します。",
            before.changed_at,
        )
        assert (everything(Outgoing), everything(Draft)) == ([], [])

    def test_the_company_sees_an_answer_when_it_leaves(
        self, agent: Client, company_staff: Client, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "明朝に。", "later": "tomorrow"})
        page = company_staff.get(f"/cases/{number}/").content.decode()
        assert ("明朝に。" in page, "予約しました" in page) == (False, False)
        assert "予約中" not in company_staff.get("/cases/?view=all").content.decode()
