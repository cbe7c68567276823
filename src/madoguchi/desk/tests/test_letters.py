"""To whom and as whom an answer goes, how it will look, and what one is told before it is sent."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madoguchi.cases.actions import add_draft_file, save_draft
from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Attachment, Case, Draft, DraftFile, Message
from madoguchi.companies.models import Desk, Engagement
from madoguchi.customers.models import Customer
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.letter import merged, others_chosen, others_of
from madoguchi.desk.notices import notices_of
from madoguchi.desk.queries import composer_of
from madoguchi.desk.tests.conftest import HTMX, counted, everything
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import File, Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def reads(case: Case, form: str) -> None:
    with scope.acting_for([case.company_id]):
        Customer.objects.filter(pk=case.customer_id).update(mail_format=form)


def was_also_for(case: Case, *addresses: str, field: str = "cc") -> None:
    with scope.acting_for([case.company_id]):
        parties = [{"name": "", "address": address} for address in addresses]
        Message.objects.filter(case=case, author="customer").update(**{field: parties})


def keep_addresses_from_agents(world: World) -> None:
    with scope.acting_for([world.ours.company.pk]):
        Engagement.objects.filter(desk=world.ours.desk).update(masked=["email"])


def answers() -> list[Message]:
    return everything(Message, author="staff")


class TestAnsweringElsewhere:
    CAME = "このメールは misaki@home.example から届き、返信先に {} が指定されています。"
    CARE = "その宛先は別の人のものかもしれません。"
    CLICK = "求められた宛先に返信する"

    def test_it_is_said_and_done(self, agent: Client, case: Case, number: str) -> None:
        was_also_for(case, "misaki-work@home.example", field="reply_to")

        page = agent.get(f"/cases/{number}/").text
        preview = agent.post(f"/cases/{number}/preview/", {"text": "はい。"}, headers=HTMX).text
        agent.post(f"/cases/{number}/reply/", {"text": "はい。"})

        assert 'placeholder="misaki-work@home.example"' in page
        assert self.CAME.format("misaki-work@home.example") in page
        assert self.CARE not in page
        assert "<dd>misaki-work@home.example</dd>" in preview
        assert [party["address"] for party in answers()[0].to] == ["misaki-work@home.example"]

    def test_another_domain_is_warned_of(self, agent: Client, case: Case, number: str) -> None:
        was_also_for(case, "misaki@elsewhere.example", field="reply_to")

        page = agent.get(f"/cases/{number}/").text

        assert self.CAME.format("misaki@elsewhere.example") in page
        assert self.CARE in page

    STAYS = "返信はこれまでどおり送信元に送ります。"

    def test_a_later_wish_for_another_domain_is_said_and_not_done(
        self, agent: Client, case: Case, number: str
    ) -> None:
        say_again(case, reply_to=(Party("evil@elsewhere.example"),))

        page = agent.get(f"/cases/{number}/").text
        preview = agent.post(f"/cases/{number}/preview/", {"text": "はい。"}, headers=HTMX).text
        agent.post(f"/cases/{number}/reply/", {"text": "はい。"})

        assert 'placeholder="misaki@home.example"' in page
        assert self.CAME.format("evil@elsewhere.example") in page
        assert self.STAYS in page
        assert self.CARE in page
        assert self.CLICK in page
        assert "<dd>misaki@home.example</dd>" in preview
        assert [party["address"] for party in answers()[0].to] == ["misaki@home.example"]

    def test_the_address_asked_for_is_chosen_by_one_click_and_asked_about_once(
        self, agent: Client, case: Case, number: str
    ) -> None:
        say_again(case, reply_to=(Party("misaki@elsewhere.example"),))
        form = {"text": "はい。", "to": ["", "misaki@elsewhere.example"]}

        asked = agent.post(f"/cases/{number}/reply/", form)
        assert (asked.status_code, answers()) == (422, [])
        [key] = re.findall(r'name="confirmed" value="(recipients [^"]+)"', asked.text)
        box = re.search(r'<input type="checkbox" name="to"[^>]*>', asked.text)
        agent.post(f"/cases/{number}/reply/", form | {"confirmed": key})

        assert box is not None
        assert 'value="misaki@elsewhere.example"' in box[0]
        assert " checked" in box[0]
        assert [party["address"] for party in answers()[0].to] == ["misaki@elsewhere.example"]

    def test_who_may_not_see_addresses_is_warned_without_them(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        say_again(case, reply_to=(Party("evil@elsewhere.example"),))
        with scope.acting_for([world.ours.company.pk]):
            Engagement.objects.filter(desk=world.ours.desk).update(hidden=["email"])

        page = agent.get(f"/cases/{number}/").text

        assert "このメールは、送信元とは別のアドレスへの返信を求めています。" in page
        assert self.STAYS in page
        assert self.CARE in page
        assert self.CLICK not in page
        assert "elsewhere.example" not in page
        assert "misaki@home.example" not in page

    def test_without_another_address_nothing_is_said(self, agent: Client, number: str) -> None:
        assert "返信先に" not in agent.get(f"/cases/{number}/").text

    def test_both_addresses_are_masked_where_the_contract_says_so(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        was_also_for(case, "sato@elsewhere.example", field="reply_to")
        keep_addresses_from_agents(world)

        page = agent.get(f"/cases/{number}/").text

        assert self.CARE in page
        assert "sato@elsewhere.example" not in page
        assert "misaki@home.example" not in page


class TestAnsweringEverybody:
    def test_the_others_of_the_last_mail_are_offered_and_we_are_not(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        ours = world.ours.entry_point.address
        was_also_for(case, ours, ours.replace("@", "+c.abc123@"), "ken@home.example", field="to")
        was_also_for(case, "Ken@home.example", "misaki@home.example", "boss@home.example")

        page = agent.get(f"/cases/{number}/").text

        assert 'name="cc" value="Ken@home.example, boss@home.example" data-all="#reply-cc"' in page

    def test_unasked_it_goes_to_the_customer_alone(self, agent: Client, case: Case, number: str) -> None:
        was_also_for(case, "boss@home.example")

        agent.post(f"/cases/{number}/reply/", {"text": "はい。", "cc": ""})

        assert (answers()[0].cc, answers()[0].bcc) == ([], [])

    def test_the_box_adds_them_to_those_typed_each_once(self, agent: Client, case: Case, number: str) -> None:
        agent.post(
            f"/cases/{number}/reply/",
            {
                "text": "はい。",
                "cc": ["boss@home.example, x@y.example", "boss@home.example, ken@home.example"],
            },
        )

        copied = [party["address"] for party in answers()[0].cc]
        assert copied == ["boss@home.example", "x@y.example", "ken@home.example"]

    def test_where_nobody_else_was_written_to_there_is_no_box(self, agent: Client, number: str) -> None:
        assert "data-all" not in agent.get(f"/cases/{number}/").text

    def test_it_is_not_offered_where_addresses_are_kept_back(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        was_also_for(case, "boss@home.example")
        keep_addresses_from_agents(world)

        page = agent.get(f"/cases/{number}/").text

        assert "boss@home.example" not in page
        assert 'id="reply-bcc"' not in page

    def test_nothing_is_asked_of_the_database_where_only_we_were_written_to(
        self, world: World, case: Case
    ) -> None:
        with scope.acting_for([case.company_id]):
            last = say_again(case)
            last.to = [{"address": world.ours.entry_point.address}]
            case = Case.objects.select_related("entry_point").get(pk=case.pk)
            with counted() as cost:
                assert others_of(last, case=case) == ""
        assert len(cost) == 0

    def test_who_is_answered_already_is_no_other(self, agent: Client, case: Case, number: str) -> None:
        was_also_for(case, "sato@work.example", field="reply_to")
        was_also_for(case, "Sato@work.example")

        assert "data-all" not in agent.get(f"/cases/{number}/").text

    def test_several_fields_make_one_line(self) -> None:
        assert merged(["a@x.jp, b@x.jp", "b@x.jp ,c@x.jp", ""]) == "a@x.jp, b@x.jp, c@x.jp"


class TestBlindCopies:
    def test_they_are_kept_with_the_answer_and_shown_to_staff(
        self, agent: Client, case: Case, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "はい。", "bcc": "上司 <boss@shop.example>"})

        assert answers()[0].bcc == [{"name": "上司", "address": "boss@shop.example"}]
        assert "Bcc boss@shop.example" in agent.get(f"/cases/{number}/").text

    def test_who_may_not_see_addresses_may_add_none(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        keep_addresses_from_agents(world)

        response = agent.post(f"/cases/{number}/reply/", {"text": "はい。", "bcc": "boss@shop.example"})

        assert response.status_code == 422
        assert answers() == []

    def test_who_may_not_see_addresses_sees_none_of_a_draft_that_became_their_own(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        lead, own = actor_of(world.ours.supervisor), actor_of(world.ours.agent)
        with world.ours.scope():
            save_draft(case, kind="reply", text="はい。", bcc="boss@shop.example", by=lead)
        assert "boss@shop.example" in agent.get(f"/cases/{number}/").text
        keep_addresses_from_agents(world)
        with world.ours.scope():
            add_draft_file(case, File("a.txt", "text/plain", b"a"), by=own)
            assert Draft.objects.get(kind="reply").user_id == own.id
            composer = composer_of(case, actor=actor_of(world.ours.agent), said=[])

        assert composer is not None
        assert composer.reply is not None
        assert (composer.reply.text, composer.reply.bcc) == ("はい。", "")
        assert "boss@shop.example" not in agent.get(f"/cases/{number}/").text

    def test_they_count_among_the_fifty(self, world: World, case: Case, agent: Client, number: str) -> None:
        many = ", ".join(f"n{n}@x.example" for n in range(26))

        response = agent.post(f"/cases/{number}/reply/", {"text": "はい。", "cc": many, "bcc": many})

        assert response.status_code == 422
        assert answers() == []

    def test_a_draft_and_an_answer_taken_back_keep_them(self, agent: Client, case: Case, number: str) -> None:
        agent.post(f"/cases/{number}/draft/reply/", {"text": "はい。", "bcc": "boss@shop.example"})
        assert [draft.bcc for draft in everything(Draft)] == ["boss@shop.example"]
        agent.post(f"/cases/{number}/reply/", {"text": "はい。", "bcc": "boss@shop.example"})
        assert everything(Draft) == []

        agent.post(f"/outgoing/{everything(Outgoing)[0].pk}/take-back/")

        assert [draft.bcc for draft in everything(Draft)] == ["boss@shop.example"]

    def test_they_are_no_ones_business_at_the_customers(self, agent: Client, case: Case, number: str) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": "はい。", "bcc": "boss@shop.example"})

        told = [event for event in everything(Event) if "boss@shop" in str(event.data)]
        assert told == []


class TestLaidOut:
    TEXT = "**重要**です。\n> 引用\n<script>alert(1)</script>"

    def test_the_desk_shows_an_answer_as_it_was_laid_out(
        self, agent: Client, case: Case, number: str
    ) -> None:
        agent.post(f"/cases/{number}/reply/", {"text": self.TEXT})

        page = agent.get(f"/cases/{number}/").text
        assert (
            '<div class="text laid-out"><p><strong>重要</strong>です。</p><blockquote><p>引用</p></blockquote>'
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p></div>"
        ) in page
        assert answers()[0].text == self.TEXT

    @pytest.mark.parametrize("form", ["plain", "jis"])
    def test_a_customer_who_reads_plain_words_gets_no_html(
        self, agent: Client, case: Case, number: str, form: str
    ) -> None:
        reads(case, form)
        agent.post(f"/cases/{number}/reply/", {"text": self.TEXT})

        assert answers()[0].html == ""
        assert '<div class="text">**重要**です。' in agent.get(f"/cases/{number}/").text

    def test_a_desk_may_send_plain_words_alone(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        with world.ours.scope():
            Desk.objects.update(laid_out=False)
        agent.post(f"/cases/{number}/reply/", {"text": self.TEXT})

        assert answers()[0].html == ""

    def test_a_picture_that_the_text_calls_is_shown_within_it(
        self, agent: Client, case: Case, number: str
    ) -> None:
        files = [
            SimpleUploadedFile("図 1.png", PNG, "image/png"),
            SimpleUploadedFile("b.png", PNG, "image/png"),
        ]
        agent.post(
            f"/cases/{number}/reply/", {"text": "ここです。\n![図](%E5%9B%B3%201.png)", "files": files}
        )

        within, beside = everything(Attachment)
        assert within.content_id == f"0.{answers()[0].external_id}"
        assert (within.inline, beside.inline, beside.content_id) == (True, False, "")
        assert f'<img src="cid:{within.content_id}" alt="図">' in answers()[0].html
        assert (
            f'<img src="/attachments/{within.pk}/preview/" alt="図">' in agent.get(f"/cases/{number}/").text
        )


class TestPreview:
    def test_it_shows_the_envelope_and_the_letter_and_sends_nothing(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        words = {"text": "**はい**", "cc": "a@x.example", "bcc": "b@x.example"}
        page = agent.post(f"/cases/{number}/preview/", words, headers=HTMX).text

        for shown in (
            f"{world.ours.desk.public_name} &lt;{world.ours.entry_point.address}&gt;",
            "<dd>misaki@home.example</dd>",
            "<dt>Cc</dt><dd>a@x.example</dd>",
            "<dt>Bcc</dt><dd>b@x.example</dd>",
            f"<dd>Re: {case.subject} [{number}]</dd>",
            "<p><strong>はい</strong></p>",
        ):
            assert shown in page
        assert "<html" not in page
        assert answers() == everything(Outgoing) == []
        assert [draft.text for draft in everything(Draft)] == ["**はい**"]

    def test_without_javascript_it_is_a_page_with_the_way_back(self, agent: Client, number: str) -> None:
        response = agent.post(f"/cases/{number}/preview/?view=all", {"text": "はい"})

        assert response.status_code == 200
        assert "<html" in response.text
        assert f'href="/cases/{number}/?view=all#composer"' in response.text

    def test_old_letters_are_shown_as_they_will_arrive_with_what_is_replaced(
        self, agent: Client, case: Case, number: str
    ) -> None:
        reads(case, "jis")
        page = agent.post(f"/cases/{number}/preview/", {"text": "㈱窓口①"}, headers=HTMX).text

        assert '<div class="paper reading">(株)窓口(1)</div>' in page
        assert "㈱ → (株)、① → (1)" in page

    def test_pictures_of_the_draft_are_shown_to_the_desk_alone(
        self,
        agent: Client,
        supervisor: Client,
        stranger: Client,
        company_staff: Client,
        world: World,
        case: Case,
        number: str,
    ) -> None:
        with scope.acting_for([case.company_id]):
            add_draft_file(case, File("a.png", "image/png", PNG), by=actor_of(world.ours.agent))
            add_draft_file(case, File("b.png", "image/png", b"<script>"), by=actor_of(world.ours.agent))
        good, bad = (file.pk for file in everything(DraftFile))
        page = agent.post(
            f"/cases/{number}/preview/", {"text": "![](a.png)", "attachment": [good]}, headers=HTMX
        ).text

        assert f'<img src="/cases/{number}/files/{good}/" alt="a.png">' in page
        shown = agent.get(f"/cases/{number}/files/{good}/")
        assert (shown["Content-Type"], shown.content) == ("image/png", PNG)
        assert agent.get(f"/cases/{number}/files/{bad}/").status_code == 404
        assert supervisor.get(f"/cases/{number}/files/{good}/").content == PNG
        assert stranger.get(f"/cases/{number}/files/{good}/").status_code == 404
        assert company_staff.get(f"/cases/{number}/files/{good}/").status_code == 403

    def test_a_masked_address_stays_masked(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        keep_addresses_from_agents(world)
        page = agent.post(f"/cases/{number}/preview/", {"text": "はい"}, headers=HTMX).text

        assert "misaki@home.example" not in page
        assert "mi••••@••••.example" in page


class TestNotices:
    @pytest.fixture
    def known(self, case: Case) -> Case:
        with scope.acting_for([case.company_id]):
            return Case.objects.select_related("customer").get(pk=case.pk)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("お調べします。", 0),
            ("", 0),
            ("資料を添付します。", 1),
            ("Please find attached our form.", 1),
            ("> 添付しました\n拝見しました。", 0),
            ("{{order}}の件、{{ order }}", 1),
        ],
    )
    def test_what_is_forgotten_is_told(self, known: Case, text: str, said: int) -> None:
        assert len(notices_of(known, text=text, files=False)) == said

    def test_with_a_file_nothing_is_forgotten(self, known: Case) -> None:
        assert notices_of(known, text="資料を添付します。", files=True) == []

    def test_a_case_without_a_subject(self, known: Case) -> None:
        known.subject = " "

        assert len(notices_of(known, text="はい", files=False)) == 1

    def test_only_for_old_software_signs_are_told(self, known: Case) -> None:
        assert notices_of(known, text="㈱①", files=False) == []
        known.customer.mail_format = "jis"

        (told,) = notices_of(known, text="㈱①①～", files=False)

        assert told.endswith("㈱ → (株)、① → (1)")

    def test_they_come_as_the_draft_is_saved_and_go_with_it(self, agent: Client, number: str) -> None:
        told = agent.post(f"/cases/{number}/draft/reply/", {"text": "資料を添付します。"})
        gone = agent.post(f"/cases/{number}/draft/reply/", {"text": "資料をお送りします。"})

        assert (told.status_code, gone.status_code) == (200, 204)
        assert 'id="reply-notices"' in told.text


class TestFormOfMail:
    def test_it_is_set_beside_the_case(self, agent: Client, case: Case, number: str) -> None:
        response = agent.post(f"/cases/{number}/mail-format/", {"mail_format": "jis"})

        assert response.status_code == 302
        assert [c.mail_format for c in everything(Customer, pk=case.customer_id)] == ["jis"]
        assert '<option value="jis" selected>' in agent.get(f"/cases/{number}/").text

    def test_only_one_of_the_list(self, agent: Client, case: Case, number: str) -> None:
        response = agent.post(f"/cases/{number}/mail-format/", {"mail_format": "utf-7"})

        assert response.status_code == 422
        assert [c.mail_format for c in everything(Customer, pk=case.customer_id)] == [""]


@pytest.mark.parametrize(
    ("to", "chosen"),
    [
        (["misaki@example.jp"], []),
        (["father@example.jp"], ["father@example.jp"]),
        (["misaki@example.jp", "father@example.jp"], ["misaki@example.jp", "father@example.jp"]),
        (["visitor-0123456789abcdef"], []),
        ([], []),
    ],
)
def test_an_answer_taken_back_names_only_whom_its_writer_chose(to: list[str], chosen: list[str]) -> None:
    assert others_chosen(to, usual=["misaki@example.jp"]) == chosen
