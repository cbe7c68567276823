"""Answering, noting, taking back and trying again, as pages do it."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madoguchi.cases.actions import add_draft_file, add_note, save_draft
from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Attachment, Case, Draft, DraftFile, Message, Status
from madoguchi.companies.models import Desk, Engagement
from madoguchi.customers.models import Customer
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.pages.answering import parties
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.infra import scope
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Refused
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def answers() -> list[Message]:
    return everything(Message, author="staff")


def asked_for(page: str) -> list[str]:
    """The keys of the questions about recipients on a page."""
    return re.findall(r'name="confirmed" value="(recipients [^"]+)"', page)


def texts() -> list[str]:
    return [draft.text for draft in everything(Draft)]


def fail(outgoing: Outgoing, response: str = "550 5.1.1 User unknown") -> None:
    with scope.everywhere(reason="a test lets a mail fail"):
        Outgoing.objects.filter(pk=outgoing.pk).update(
            state=Outgoing.State.FAILED, tries=1, response=response
        )


class TestReply:
    def test_it_goes_to_the_customer_and_the_case_waits_for_them(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        response = agent.post(f"/cases/{number}/reply/", {"text": "お調べします。", "version": case.version})

        assert (response.status_code, response.url) == (302, f"/cases/{number}/")
        (message,) = answers()
        assert message.text == "お調べします。"
        assert message.to == [{"name": "髙橋 美咲", "address": "misaki@home.example"}]
        assert message.sender_address == world.ours.entry_point.address
        assert now(case).status == Status.WAITING_CUSTOMER
        assert now(case).assignee_id == world.ours.agent.pk

    @pytest.mark.parametrize("status", [Status.SOLVED, Status.OPEN, Status.WAITING_THIRD])
    def test_its_button_says_what_becomes_of_the_case(
        self, agent: Client, case: Case, number: str, now, status: Status
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "はい。", "status": status.value})

        assert now(case).status == status

    def test_htmx_gets_fresh_parts_and_a_notice_with_the_way_back(
        self, agent: Client, number: str, settings
    ) -> None:
        response = agent.post(f"/cases/{number}/reply/", {"text": "お調べします。"}, headers=HTMX)

        (outgoing,) = everything(Outgoing)
        toast = json.loads(response["HX-Trigger"])["toast"]
        assert toast["undo"] == f"/outgoing/{outgoing.pk}/take-back/"
        assert toast["seconds"] == settings.UNDO_SECONDS
        body = response.content.decode()
        assert "<html" not in body
        assert {'id="case-head"', 'id="entries"', 'id="composer"'} <= set(re.findall(r'id="[a-z-]+"', body))
        assert "取り消す" in body

    def test_to_and_cc_may_be_chosen(self, agent: Client, number: str) -> None:
        written = {"text": "はい。", "to": "夫 <otto@home.example>", "cc": "a@x.example、b@x.example"}

        asked = agent.post(f"/cases/{number}/reply/", written)
        assert answers() == []
        agent.post(f"/cases/{number}/reply/", written | {"confirmed": asked_for(asked.text)})

        (message,) = answers()
        assert message.to == [{"name": "夫", "address": "otto@home.example"}]
        assert [party["address"] for party in message.cc] == ["a@x.example", "b@x.example"]

    @pytest.mark.parametrize(
        ("written", "words"),
        [
            ({"text": "  "}, "本文"),
            ({"text": "はい。", "to": "だれか"}, "「だれか」はメールアドレスではないようです"),
            ({"text": "はい。", "cc": "a@x.example, b"}, "「b」はメールアドレスではないようです"),
        ],
    )
    def test_what_cannot_be_sent_stays_in_the_composer_with_the_reason(
        self, agent: Client, case: Case, number: str, now, written: dict[str, str], words: str
    ) -> None:
        before = now(case)

        response = agent.post(f"/cases/{number}/reply/", written)

        assert response.status_code == 422
        assert 'role="alert"' in response.content.decode()
        assert (written["text"].strip() or "reply-text") in response.content.decode()
        assert answers() == []
        assert (now(case).status, now(case).version) == (before.status, before.version)
        assert texts() == [written["text"]] * bool(written["text"].strip())
        if words != "本文":
            assert words in response.content.decode()

    def test_when_the_case_moved_on_meanwhile_nothing_is_sent_and_the_words_are_kept(
        self, agent: Client, case: Case, number: str
    ) -> None:
        say_again(case, text="解決しました。")

        stale = {"text": "お調べします。", "version": case.version}
        response = agent.post(f"/cases/{number}/reply/", stale, headers=HTMX)

        assert response.status_code == 409
        assert answers() == []
        assert texts() == ["お調べします。"]
        body = response.content.decode()
        assert "解決しました。" in body
        assert 'id="composer-notice"' in body
        assert 'id="composer"' not in body

    @pytest.mark.parametrize("version", ["", "first", "-1", "9" * 5000])
    def test_a_form_that_does_not_say_what_was_read_sends_nothing_and_the_words_are_kept(
        self, agent: Client, case: Case, number: str, version: str, now
    ) -> None:
        written = {"text": "お調べします。", "version": version}
        response = agent.post(f"/cases/{number}/reply/", written, headers=HTMX)

        assert response.status_code == 409
        assert "どの時点の用件を見て書いた返信か" in response.content.decode()
        assert (answers(), texts()) == ([], ["お調べします。"])
        assert (now(case).status, now(case).version) == (case.status, case.version)

    def test_without_javascript_the_words_stand_in_the_page_that_says_so(
        self, agent: Client, case: Case, number: str
    ) -> None:
        say_again(case)

        response = agent.post(f"/cases/{number}/reply/", {"text": "お調べします。", "version": case.version})

        assert response.status_code == 409
        assert "お調べします。</textarea>" in response.content.decode()

    def test_company_staff_may_not_answer(self, company_staff: Client, case: Case, number: str, now) -> None:
        response = company_staff.post(f"/cases/{number}/reply/", {"text": "はい。"})

        assert response.status_code == 403
        assert everything(Outgoing) == answers() == []
        assert now(case).version == case.version

    def test_files_chosen_without_javascript_go_with_it(self, agent: Client, number: str) -> None:
        file = SimpleUploadedFile("見積書.pdf", b"%PDF-1.4", content_type="application/pdf")

        agent.post(f"/cases/{number}/reply/", {"text": "お送りします。", "files": [file]})

        assert [(a.filename, a.size) for a in everything(Attachment)] == [("見積書.pdf", 8)]

    def test_files_beside_the_draft_go_with_it_unless_taken_away(self, agent: Client, number: str) -> None:
        kept, dropped = (
            agent.post(f"/cases/{number}/files/", {"file": SimpleUploadedFile(name, b"x")}).json()
            for name in ("残す.txt", "外す.txt")
        )
        agent.post(dropped["remove_url"])

        agent.post(f"/cases/{number}/reply/", {"text": "お送りします。", "attachment": kept["id"]})

        assert [a.filename for a in everything(Attachment)] == ["残す.txt"]
        assert everything(Draft) == everything(DraftFile) == []


class TestTakingBack:
    def test_it_returns_the_words_and_files_to_the_composer(
        self, agent: Client, number: str, case: Case, now
    ) -> None:
        file = SimpleUploadedFile("見積書.pdf", b"%PDF-1.4", content_type="application/pdf")
        agent.post(
            f"/cases/{number}/reply/", {"text": "早すぎました。", "cc": "b@x.example", "files": [file]}
        )
        (outgoing,) = everything(Outgoing)

        response = agent.post(f"/outgoing/{outgoing.pk}/take-back/", headers=HTMX)

        assert everything(Outgoing)[0].state == Outgoing.State.CANCELLED
        assert (now(case).status, now(case).assignee_id) == (Status.NEW, None)
        assert "早すぎました。</textarea>" in response.content.decode()
        (draft,) = everything(Draft)
        assert (draft.text, draft.cc) == ("早すぎました。", "b@x.example")
        assert [f.filename for f in everything(DraftFile)] == ["見積書.pdf"]

    def test_the_signature_that_the_desk_put_under_it_is_none_of_the_draft(
        self, agent: Client, world: World, number: str
    ) -> None:
        with world.ours.scope():
            Desk.objects.update(signature="――――\n窓口 髙橋")
        page = agent.get(f"/cases/{number}/").content.decode()
        assert '<div class="words">――――\n窓口 髙橋</div>' in page
        shown = agent.post(
            f"/cases/{number}/preview/", {"text": "はい。\n> いつ"}, headers=HTMX
        ).content.decode()
        assert shown.index("はい。") < shown.index("窓口 髙橋") < shown.index("いつ</")
        agent.post(f"/cases/{number}/reply/", {"text": "はい。\n> いつ"})
        (outgoing,) = everything(Outgoing)
        assert answers()[0].text == "はい。\n\n――――\n窓口 髙橋\n\n> いつ"

        agent.post(f"/outgoing/{outgoing.pk}/take-back/", headers=HTMX)

        assert texts() == ["はい。\n> いつ"]

    def test_whom_it_was_meant_for_is_not_forgotten(self, agent: Client, number: str) -> None:
        written = {"text": "確認です。", "to": "倉庫 <depot@x.example>"}
        asked = agent.post(f"/cases/{number}/reply/", written)
        agent.post(f"/cases/{number}/reply/", written | {"confirmed": asked_for(asked.text)})
        (outgoing,) = everything(Outgoing)

        agent.post(f"/outgoing/{outgoing.pk}/take-back/", headers=HTMX)

        (draft,) = everything(Draft)
        assert (draft.text, draft.to) == ("確認です。", "depot@x.example")
        assert 'data-shows="#reply-to">depot@x.example<' in agent.get(f"/cases/{number}/").content.decode()

    def test_it_leaves_alone_what_is_being_written_since(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "早すぎました。"})
        agent.post(f"/cases/{number}/draft/reply/", {"text": "次の文章"})
        (outgoing,) = everything(Outgoing)

        agent.post(f"/outgoing/{outgoing.pk}/take-back/")

        assert texts() == ["次の文章"]

    def test_a_late_draft_of_it_takes_nothing_from_its_words(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "早すぎました。"})
        with world.ours.scope():
            save_draft(case, kind="reply", text="早すぎまし", by=actor_of(world.ours.agent))
        (outgoing,) = everything(Outgoing)

        agent.post(f"/outgoing/{outgoing.pk}/take-back/")

        assert texts() == ["早すぎました。"]

    def test_a_draft_that_comes_after_its_answer_is_not_kept(
        self, agent: Client, case: Case, number: str
    ) -> None:
        typed = {"text": "早すぎまし", "version": case.version}
        agent.post(f"/cases/{number}/reply/", typed | {"text": "早すぎました。"})

        late = agent.post(f"/cases/{number}/draft/reply/", typed)

        assert (late.status_code, texts()) == (200, [])
        agent.post(f"/cases/{number}/draft/reply/", typed | {"text": "別の文章"})
        assert texts() == ["別の文章"]

    def test_what_is_written_anew_is_kept_though_it_was_said_before(
        self, agent: Client, case: Case, number: str, now
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "早すぎました。", "version": case.version})

        agent.post(f"/cases/{number}/draft/reply/", {"text": "早すぎまし", "version": now(case).version})

        assert texts() == ["早すぎまし"]

    def test_it_is_refused_to_others_and_after_it_left(
        self, agent: Client, supervisor: Client, stranger: Client, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "はい。"})
        (outgoing,) = everything(Outgoing)
        address = f"/outgoing/{outgoing.pk}/take-back/"

        assert stranger.post(address).status_code == 404
        assert supervisor.post(address).status_code == 403
        fail(outgoing)
        assert agent.post(address, headers=HTMX).status_code == 409
        assert everything(Outgoing)[0].state == Outgoing.State.FAILED
        assert everything(Draft) == []


class TestBeforeSending:
    @pytest.fixture
    def strict(self, world: World) -> None:
        with world.ours.scope():
            wanted = {"care_words": "返金", "forbidden_words": "極秘", "check_recipients": "others"}
            Desk.objects.filter(pk=world.ours.desk.pk).update(**wanted)

    def test_a_word_that_must_not_go_out_stays_in_the_composer_with_the_reason(
        self, agent: Client, number: str, strict: None
    ) -> None:
        refused = agent.post(
            f"/cases/{number}/reply/", {"text": "極秘です。", "confirmed": "*"}, headers=HTMX
        )

        assert refused.status_code == 422
        assert "送ってはいけない言葉が含まれています: 「極秘」" in refused.content.decode()
        assert (everything(Outgoing), texts()) == ([], ["極秘です。"])

    def test_what_is_asked_is_asked_once_and_then_sent(
        self, agent: Client, number: str, strict: None, case: Case, now
    ) -> None:
        words = {"text": "山田様\n返金の資料を添付します。", "cc": "b@x.example", "status": "solved"}

        asked = agent.post(f"/cases/{number}/reply/", words, headers=HTMX)

        page = asked.content.decode()
        assert asked.status_code == 422
        assert "宛先: misaki@home.example<br>Cc: b@x.example" in page
        assert "「山田様」は、お客様のお名前ではないようです。" in page
        assert "ファイルが添付されていません。" in page
        assert "「返金」は、この窓口で注意が必要な言葉です。" in page
        assert 'name="status" value="solved"' in page
        assert (everything(Outgoing), texts()) == ([], [words["text"]])
        keys = re.findall(r'name="confirmed" value="([^"]+)"', page)
        assert len(keys) == 4
        other = agent.post(
            f"/cases/{number}/reply/", words | {"cc": "c@x.example", "confirmed": keys}, headers=HTMX
        )
        assert (other.status_code, everything(Outgoing)) == (422, [])
        assert re.findall(r'name="confirmed" value="(\w+)', other.content.decode()) == ["recipients"]

        sent = agent.post(f"/cases/{number}/reply/", words | {"confirmed": keys}, headers=HTMX)

        assert (sent.status_code, len(everything(Outgoing)), now(case).status) == (200, 1, Status.SOLVED)

    def test_what_the_customers_mail_software_cannot_show_is_asked(
        self, agent: Client, number: str, case: Case, world: World
    ) -> None:
        with world.ours.scope():
            Customer.objects.filter(pk=case.customer_id).update(mail_format="jis")
        typed = {"text": "㈱が承ります𠮟", "version": case.version}

        asked = agent.post(f"/cases/{number}/reply/", typed, headers=HTMX)

        assert asked.status_code == 422
        assert "㈱ → (株)、𠮟 → 〓<input" in asked.content.decode()
        assert answers() == []
        agent.post(
            f"/cases/{number}/reply/", typed | {"confirmed": "letters ㈱ → (株)、𠮟 → 〓"}, headers=HTMX
        )
        assert texts() == []
        assert [message.text for message in answers()] == ["㈱が承ります𠮟"]

    def test_without_javascript_it_is_asked_on_the_page(
        self, agent: Client, number: str, strict: None
    ) -> None:
        asked = agent.post(f"/cases/{number}/reply/", {"text": "返金します。"})

        page = asked.content.decode()
        assert asked.status_code == 422
        assert "返金します。</textarea>" in page
        assert 'name="confirmed" value="care 返金"' in page
        agent.post(f"/cases/{number}/reply/", {"text": "返金します。", "confirmed": "care 返金"})
        assert len(everything(Outgoing)) == 1


class TestFailedDelivery:
    def test_it_says_what_happened_what_to_do_and_what_the_other_side_said(
        self, agent: Client, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "はい。"})
        fail(everything(Outgoing)[0])

        page = agent.get(f"/cases/{number}/").content.decode()

        assert "届きませんでした" in page
        assert "宛先のアドレスが存在しないようです。" in page
        assert "550 5.1.1 User unknown" in page

    def test_it_can_be_sent_again(self, agent: Client, stranger: Client, number: str) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "はい。"})
        (outgoing,) = everything(Outgoing)
        fail(outgoing)

        assert stranger.post(f"/outgoing/{outgoing.pk}/try-again/").status_code == 404
        assert everything(Outgoing)[0].state == Outgoing.State.FAILED
        agent.post(f"/outgoing/{outgoing.pk}/try-again/")

        assert everything(Outgoing)[0].state == Outgoing.State.QUEUED


class TestDraft:
    def test_it_is_there_when_the_case_is_opened_again(self, agent: Client, number: str) -> None:
        response = agent.post(f"/cases/{number}/draft/reply/", {"text": "書きかけ", "cc": "b@x.example"})

        assert response.status_code == 204
        page = agent.get(f"/cases/{number}/").content.decode()
        assert "書きかけ</textarea>" in page
        assert 'value="b@x.example"' in page

    def test_coming_and_going_without_a_word_leaves_none(self, agent: Client, number: str) -> None:
        agent.post(f"/cases/{number}/draft/reply/", {"text": "", "to": "", "cc": ""})
        assert everything(Draft) == []

        agent.post(f"/cases/{number}/draft/reply/", {"text": "書きかけ"})
        agent.post(f"/cases/{number}/draft/reply/", {"text": ""})
        assert texts() == []

    def test_one_that_was_emptied_is_gone_unless_a_file_stands_by_it(
        self, agent: Client, supervisor: Client, world: World, case: Case, number: str
    ) -> None:
        for kind, name in (("note", "note"), ("reply", "text")):
            agent.post(f"/cases/{number}/draft/{kind}/", {name: "書きかけ"})
            emptied = agent.post(f"/cases/{number}/draft/{kind}/", {name: " "}, headers=HTMX)
            assert emptied.status_code in (200, 204)
            assert everything(Draft) == []
        supervisor.post(f"/cases/{number}/draft/reply/", {"text": "森の書きかけ"})
        agent.post(f"/cases/{number}/draft/reply/", {"text": ""})
        assert [(one.kind, one.text) for one in everything(Draft)] == [("kept", "森の書きかけ")]
        with world.ours.scope():
            add_draft_file(case, File("a.txt", "text/plain", b"a"), by=actor_of(world.ours.agent))

        agent.post(f"/cases/{number}/draft/reply/", {"text": ""})

        assert [(one.kind, one.text) for one in everything(Draft)] == [
            ("kept", "森の書きかけ"),
            ("reply", ""),
        ]
        assert [file.filename for file in everything(DraftFile)] == ["a.txt"]

    def test_colleagues_see_it_and_whose_it_is(
        self, agent: Client, supervisor: Client, company_staff: Client, number: str
    ) -> None:
        agent.post(f"/cases/{number}/draft/reply/", {"text": "書きかけ"})

        page = supervisor.get(f"/cases/{number}/").content.decode()
        assert "書きかけ</textarea>" in page
        assert "青木 翔さんの下書き" in page
        assert "青木 翔さんの下書き" not in agent.get(f"/cases/{number}/").content.decode()
        assert "書きかけ" not in company_staff.get(f"/cases/{number}/").content.decode()

    def test_a_note_is_ones_own(self, agent: Client, supervisor: Client, number: str) -> None:
        agent.post(f"/cases/{number}/draft/note/", {"note": "書きかけ"})

        assert "書きかけ" not in supervisor.get(f"/cases/{number}/").content.decode()

    def test_to_whom_it_goes_is_not_told_to_who_may_not_know(
        self, agent: Client, supervisor: Client, world: World, number: str
    ) -> None:
        agent.post(f"/cases/{number}/draft/reply/", {"text": "書きかけ", "cc": "b@x.example"})
        with world.ours.scope():
            Engagement.objects.filter(desk=world.ours.desk).update(masked=["email"])

        page = supervisor.get(f"/cases/{number}/").content.decode()

        assert "書きかけ</textarea>" in page
        assert "b@x.example" not in page

    def test_throwing_it_away_can_be_undone(self, agent: Client, number: str) -> None:
        agent.post(f"/cases/{number}/draft/reply/", {"text": "書きかけ"})
        file = SimpleUploadedFile("見積書.pdf", b"%PDF-1.4", content_type="application/pdf")
        agent.post(f"/cases/{number}/files/", {"file": file})

        response = agent.post(f"/cases/{number}/draft/reply/discard/", headers=HTMX)
        assert everything(Draft) == []
        agent.post(json.loads(response["HX-Trigger"])["toast"]["undo"])

        assert texts() == ["書きかけ"]
        assert [(f.filename, f.size) for f in everything(DraftFile)] == [("見積書.pdf", 8)]
        assert agent.post(f"/cases/{number}/draft/reply/restore/").status_code == 404

    def test_one_that_a_late_autosave_left_behind_is_not_shown(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "お調べします。"})
        with world.ours.scope():
            save_draft(case, kind="reply", text="お調べします。", by=actor_of(world.ours.agent))

        assert "お調べします。</textarea>" not in agent.get(f"/cases/{number}/").content.decode()

    def test_unknown_kinds_and_readers_are_refused(
        self, agent: Client, company_staff: Client, number: str
    ) -> None:
        assert agent.post(f"/cases/{number}/draft/song/", {"text": "ら"}).status_code == 404
        assert agent.post(f"/cases/{number}/draft/song/", {}).status_code == 404
        assert company_staff.post(f"/cases/{number}/draft/reply/", {"text": "ら"}).status_code == 403
        assert everything(Draft) == []

    def test_a_file_that_is_too_large_or_missing_is_refused_in_words(
        self, agent: Client, number: str, settings
    ) -> None:
        settings.MAX_UPLOAD_BYTES = 3
        large = agent.post(f"/cases/{number}/files/", {"file": SimpleUploadedFile("大.bin", b"1234")})
        missing = agent.post(f"/cases/{number}/files/")

        assert (large.status_code, missing.status_code) == (422, 422)
        assert missing.json() == {"error": "先にファイルを選んでください。"}
        assert everything(DraftFile) == []


class TestTemplates:
    def test_a_template_comes_with_the_cases_words(self, agent: Client, world: World, number: str) -> None:
        with world.ours.scope():
            template = ReplyTemplate.objects.create(
                company=world.ours.company, name="お礼", body="{{customer}}様 {{case}} {{agent}} {{伝票番号}}"
            )

        response = agent.get(f"/cases/{number}/templates/{template.pk}/")

        assert response.content.decode() == f"髙橋 美咲様 {number} 青木 翔 {{{{伝票番号}}}}"
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert "お礼" in agent.get(f"/cases/{number}/").content.decode()

    def test_another_companys_template_is_absent(self, agent: Client, world: World, number: str) -> None:
        with world.theirs.scope():
            template = ReplyTemplate.objects.create(company=world.theirs.company, name="秘", body="秘")

        assert agent.get(f"/cases/{number}/templates/{template.pk}/").status_code == 404


def test_addresses_are_read_as_people_write_them() -> None:
    written = "髙橋 美咲 <misaki@home.example>、b@x.example; c@x.example"

    assert parties(written, field="to") == (
        Party("misaki@home.example", "髙橋 美咲"),
        Party("b@x.example"),
        Party("c@x.example"),
    )
    assert parties("  ", field="to") == ()
    with pytest.raises(Refused) as refused:
        parties("a@x.example, だれか", field="cc")
    assert refused.value.field == "cc"


def test_a_note_between_does_not_disturb_whom_an_answer_goes_to(
    agent: Client, world: World, case: Case, number: str
) -> None:
    with world.ours.scope():
        add_note(case, text="メモ", by=actor_of(world.ours.supervisor))

    agent.post(f"/cases/{number}/reply/", {"text": "はい。"})

    assert [p["address"] for p in answers()[0].to] == ["misaki@home.example"]
