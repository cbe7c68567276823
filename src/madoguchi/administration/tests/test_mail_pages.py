"""Templates, quarantine, outbox, what was not delivered, and the audit log, in a browser."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.administration import audit
from madoguchi.administration.wording import EVENTS
from madoguchi.cases.actions import change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, Status
from madoguchi.channels.email.models import SentMail
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Engagement, EntryPoint
from madoguchi.delivery.events import MessageFailed
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import facts as known_facts
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event, Seal
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission, system
from madoguchi.knowledge.actions import add_template
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.portal.links import case_link

Browser = Callable[[User], Client]
Facts = Callable[[], list[tuple[str, dict[str, Any]]]]
NO_SENDER = "Subject: 送り主のないメール\r\n\r\n<b>届きません</b>\r\n".encode()


def url(name: str, *args: int) -> str:
    return reverse(f"administration:{name}", args=args)


def everything() -> Any:
    return scope.everywhere(reason="a test looks at all companies")


class TestTemplates:
    def test_a_supervisor_writes_for_the_own_desk(self, world: World, signed_in: Browser) -> None:
        browser = signed_in(world.ours.supervisor)
        page = browser.get(url("template_new"))
        ((_company, rows),) = page.context["form"].fields["where"].choices
        assert [value for value, _label in rows] == [f"desk:{world.ours.desk.pk}"]
        sent = {
            "name": "返品",
            "where": f"desk:{world.ours.desk.pk}",
            "body": "{{customer}} 様",
            "active": "on",
        }
        assert browser.post(url("template_new"), sent)["Location"] == url("templates")
        with world.ours.scope():
            assert ReplyTemplate.objects.get().desk == world.ours.desk

    @pytest.mark.parametrize("where", ["company", "theirs", "", "desk:0", "x:y"])
    def test_a_place_that_was_not_offered_is_refused(
        self, world: World, signed_in: Browser, where: str
    ) -> None:
        chosen = {"company": f"company:{world.ours.company.pk}", "theirs": f"desk:{world.theirs.desk.pk}"}
        sent = {"name": "返品", "where": chosen.get(where, where), "body": "本文"}
        page = signed_in(world.ours.supervisor).post(url("template_new"), sent)
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["where"])
        with everything():
            assert not ReplyTemplate.objects.exists()

    def test_a_preview_fills_in_and_names_what_nothing_fills(
        self, world: World, signed_in: Browser, facts: Facts
    ) -> None:
        sent = {"name": "返品", "where": "", "body": "{{customer}} 様 {{order}}", "preview": "1"}
        page = signed_in(world.ours.supervisor).post(url("template_new"), sent)
        assert page.context["preview"] == "山田 花子 様 {{order}}"
        assert page.context["unknown"] == ["{{order}}"]
        assert facts() == []

    def test_a_common_template_is_read_but_not_written(self, world: World, signed_in: Browser) -> None:
        by = actor_of(world.ours.company_manager)
        with scope.acting_for(by.companies):
            common = add_template(world.ours.company, desk=None, name="共通", body="本文", by=by)
        browser = signed_in(world.ours.supervisor)
        assert not browser.get(url("template", common.pk)).context["may_write"]
        sent = {"name": "別", "where": f"desk:{world.ours.desk.pk}", "body": "別", "active": "on"}
        assert browser.post(url("template", common.pk), sent).status_code == 403
        with world.ours.scope():
            assert ReplyTemplate.objects.get().name == "共通"

    def test_a_template_is_taken_out_of_use(self, world: World, signed_in: Browser) -> None:
        by = actor_of(world.ours.supervisor)
        with scope.acting_for(by.companies):
            own = add_template(world.ours.company, desk=world.ours.desk, name="返品", body="本文", by=by)
        browser = signed_in(world.ours.supervisor)
        browser.post(
            url("template", own.pk), {"name": "返品", "where": f"desk:{world.ours.desk.pk}", "body": "本文"}
        )
        with world.ours.scope():
            assert not ReplyTemplate.objects.get().active

    def test_theirs_is_absent(self, world: World, signed_in: Browser) -> None:
        by = actor_of(world.theirs.supervisor)
        with scope.acting_for(by.companies):
            theirs = add_template(
                world.theirs.company, desk=world.theirs.desk, name="返品", body="本文", by=by
            )
        for who in ("supervisor", "manager", "company_manager"):
            browser = signed_in(getattr(world.ours, who))
            assert browser.get(url("template", theirs.pk)).status_code == 404
            assert browser.post(url("template", theirs.pk), {"name": "別"}).status_code == 404


def quarantined(point: EntryPoint, raw: bytes = NO_SENDER) -> int:
    """Something without a sender, which nobody can answer."""
    pk = receive(raw=raw, entry_point=point, source="smtp 192.0.2.1")
    assert pk is not None
    arrival = handle(pk, company=point.company_id)
    assert arrival is not None
    assert arrival.state == Arrival.State.QUARANTINED
    return pk


class TestQuarantine:
    def test_it_shows_what_came_as_text_with_the_reason(self, world: World, signed_in: Browser) -> None:
        pk = quarantined(world.ours.entry_point)
        browser = signed_in(world.ours.supervisor)
        assert [a.pk for a in browser.get(url("quarantine")).context["page"]] == [pk]
        page = browser.get(url("quarantined", pk))
        html = page.content.decode()
        assert page.context["arrival"].reason != ""
        assert page.context["arrival"].reason in html
        assert "&lt;b&gt;届きません&lt;/b&gt;" in html
        assert "<b>届きません" not in html

    def test_trying_again_keeps_it_while_the_reason_stands(
        self, world: World, signed_in: Browser, facts: Facts
    ) -> None:
        pk = quarantined(world.ours.entry_point)
        browser = signed_in(world.ours.supervisor)
        assert browser.post(url("quarantine_retry", pk))["Location"] == url("quarantined", pk)
        with everything():
            assert Arrival.objects.get(pk=pk).state == Arrival.State.QUARANTINED
        assert "arrival.retried" in [kind for kind, _data in facts()]

    def test_trying_again_handles_it_when_the_reason_is_gone(self, world: World, signed_in: Browser) -> None:
        raw = b"From: a@home.example\r\nSubject: hello\r\nMessage-ID: <1@home.example>\r\n\r\ntext\r\n"
        pk = receive(raw=raw, entry_point=world.ours.entry_point, source="smtp")
        assert pk is not None
        with everything():
            Arrival.objects.filter(pk=pk).update(state=Arrival.State.QUARANTINED, reason="disk full")
        browser = signed_in(world.ours.supervisor)
        assert browser.post(url("quarantine_retry", pk))["Location"] == url("quarantine")
        with everything():
            assert Arrival.objects.get(pk=pk).state == Arrival.State.HANDLED
            assert Message.objects.filter(subject="hello").count() == 1

    def test_another_desks_quarantine_is_absent(self, world: World, signed_in: Browser) -> None:
        elsewhere = make_entry_point(make_desk(world.ours.company))
        theirs, beside = quarantined(world.theirs.entry_point), quarantined(elsewhere)
        browser = signed_in(world.ours.supervisor)
        assert list(browser.get(url("quarantine")).context["page"]) == []
        for pk in (theirs, beside):
            assert browser.get(url("quarantined", pk)).status_code == 404
            assert browser.post(url("quarantine_retry", pk)).status_code == 404
        with everything():
            assert set(Arrival.objects.values_list("tries", flat=True)) == {1}

    def test_only_the_beginning_of_something_huge_is_shown(self, world: World, signed_in: Browser) -> None:
        pk = quarantined(world.ours.entry_point, NO_SENDER + b"x" * 50_000)
        page = signed_in(world.ours.supervisor).get(url("quarantined", pk))
        assert len(page.context["raw"]) <= 20_000
        assert len(page.content) < 60_000


MAIL = """From: =?utf-8?b?44Gy44Gq44GfIOebuOirhw==?=
 =?utf-8?b?56qT5Y+j?= <support@shop.example>
To: misaki@home.example
Subject: Re: [A-1001]
Message-ID: <reply@shop.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

髙橋様、承りました。
--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<p onclick="x()">髙橋様</p><img src="https://tracker.example/x.png">
--b--
"""


def left(case: Case, *, state: str = "sent", external_id: str = "reply@shop.example") -> Outgoing:
    """A message of a case that left or failed to."""
    with everything():
        first = Message.objects.filter(case=case).earliest("id")
        message = Message.objects.create(
            company_id=case.company_id,
            case=case,
            contact=first.contact,
            author=Message.Author.STAFF,
            to=[{"name": "", "address": "misaki@home.example"}],
            subject="Re: 炊飯器",
            text="承りました。",
            external_id=external_id,
            at=clock.now(),
        )
        return Outgoing.objects.create(
            company_id=case.company_id,
            message=message,
            channel="email",
            state=state,
            external_id=external_id,
            due_at=clock.now(),
            created_at=clock.now(),
            response="550 5.1.1 User unknown",
        )


def in_outbox(case: Case, external_id: str = "reply@shop.example") -> SentMail:
    with everything():
        return SentMail.objects.create(
            company_id=case.company_id,
            external_id=external_id,
            recipients=["misaki@home.example"],
            subject="Re: [A-1001]",
            raw=MAIL.replace("\n", "\r\n").encode(),
            sent_at=clock.now(),
        )


class TestOutbox:
    def test_a_mail_is_read_as_text_and_its_html_as_source(self, world: World, signed_in: Browser) -> None:
        case = make_case(world.ours.entry_point)
        left(case)
        mail = in_outbox(case)
        browser = signed_in(world.ours.supervisor)
        assert [m.pk for m in browser.get(url("outbox")).context["page"]] == [mail.pk]
        page = browser.get(url("sent_mail", mail.pk))
        html = page.content.decode()
        assert page.context["read"].text.strip() == "髙橋様、承りました。"
        assert ("From", "ひなた 相談窓口 <support@shop.example>") in page.context["read"].headers
        assert "&lt;p onclick=" in html
        assert '<img src="https://tracker' not in html

    def test_a_key_in_it_is_taken_out_and_the_reading_told(self, world: World, signed_in: Browser) -> None:
        case = make_case(world.ours.entry_point)
        sent = left(case)
        mail = in_outbox(case)
        link = case_link(case.pk, case.company_id, 2)
        with everything():
            raw = MAIL.replace("承りました。", f"承りました。 {link}").replace("\n", "\r\n").encode()
            SentMail.objects.filter(pk=mail.pk).update(raw=raw)
        html = signed_in(world.ours.supervisor).get(url("sent_mail", mail.pk)).content.decode()
        assert "/my/■■■■" in html
        assert link.rpartition(".")[2] not in html
        with everything():
            [told] = Event.objects.filter(kind="message.source_read")
        assert (told.case_id, told.actor_name) == (case.pk, world.ours.supervisor.name)
        assert (told.data["message"], told.data["sent"]) == (sent.message_id, True)

    def test_reading_a_mail_without_a_key_is_not_told(self, world: World, signed_in: Browser) -> None:
        case = make_case(world.ours.entry_point)
        left(case)
        mail = in_outbox(case)
        assert signed_in(world.ours.supervisor).get(url("sent_mail", mail.pk)).status_code == 200
        with everything():
            assert not Event.objects.filter(kind="message.source_read").exists()

    def test_mail_of_another_desk_or_company_is_absent(self, world: World, signed_in: Browser) -> None:
        other_desk = make_case(make_entry_point(make_desk(world.ours.company)))
        left(other_desk, external_id="a@x")
        left(make_case(world.theirs.entry_point), external_id="b@x")
        beside, unknown = in_outbox(other_desk, "a@x"), in_outbox(other_desk, "nobody@x")
        theirs = in_outbox(make_case(world.theirs.entry_point), "b@x")
        browser = signed_in(world.ours.supervisor)
        assert list(browser.get(url("outbox")).context["page"]) == []
        for mail in (beside, unknown, theirs):
            assert browser.get(url("sent_mail", mail.pk)).status_code == 404

    def test_what_was_not_delivered_stands_with_the_servers_words(
        self, world: World, signed_in: Browser
    ) -> None:
        case = make_case(world.ours.entry_point)
        failed = left(case, state="failed")
        left(case, external_id="fine@x")
        left(make_case(world.theirs.entry_point), state="bounced", external_id="theirs@x")
        page = signed_in(world.ours.supervisor).get(url("troubled"))
        assert [o.pk for o in page.context["page"]] == [failed.pk]
        assert "550 5.1.1 User unknown" in page.content.decode()

    @pytest.mark.parametrize("name", ["outbox", "troubled", "quarantine"])
    def test_a_list_asks_no_more_the_longer_it_is(
        self, world: World, signed_in: Browser, name: str, django_assert_max_num_queries: Any
    ) -> None:
        browser, case = signed_in(world.ours.supervisor), make_case(world.ours.entry_point)

        def more(begin: int) -> None:
            for n in range(begin, begin + 8):
                left(case, state="failed", external_id=f"{n}@x")
                in_outbox(case, f"{n}@x")
                quarantined(world.ours.entry_point, NO_SENDER + f"{n}".encode())

        more(0)
        with django_assert_max_num_queries(16) as few:
            assert len(browser.get(url(name)).context["page"].object_list) == 8
        more(8)
        with django_assert_max_num_queries(len(few)):
            assert len(browser.get(url(name)).context["page"].object_list) == 16


class TestKeptBack:
    """What the engagement's data scope hides in a case is not shown by the pages about mail either."""

    ADDRESS = "misaki@home.example"

    @pytest.fixture(autouse=True)
    def address_hidden(self, world: World) -> None:
        with everything():
            Engagement.objects.filter(pk=world.ours.engagement.pk).update(masked=["name"], hidden=["email"])

    @pytest.mark.parametrize("who", ["supervisor", "manager"])
    def test_outbox(self, world: World, signed_in: Browser, who: str) -> None:
        case = make_case(world.ours.entry_point)
        left(case)
        mail = in_outbox(case)
        browser = signed_in(getattr(world.ours, who))
        page = browser.get(url("outbox")).content.decode()
        assert self.ADDRESS not in page
        assert "Re: [A-1001]" in page
        assert browser.get(url("sent_mail", mail.pk)).status_code == 403

    def test_not_delivered(self, world: World, signed_in: Browser) -> None:
        failed = left(make_case(world.ours.entry_point), state="failed")
        with everything():
            Outgoing.objects.filter(pk=failed.pk).update(response=f"550 5.1.1 User unknown ({self.ADDRESS})")
        page = signed_in(world.ours.supervisor).get(url("troubled")).content.decode()
        assert self.ADDRESS not in page
        assert "550 5.1.1 User unknown" in page

    def test_quarantine(self, world: World, signed_in: Browser) -> None:
        pk = quarantined(world.ours.entry_point, f"Subject: {self.ADDRESS}\r\n\r\n{self.ADDRESS}".encode())
        browser = signed_in(world.ours.supervisor)
        for page in (browser.get(url("quarantine")), browser.get(url("quarantined", pk))):
            assert page.status_code == 200
            assert self.ADDRESS not in page.content.decode()
        assert browser.post(url("quarantine_retry", pk)).status_code == 302

    def test_audit(self, world: World, signed_in: Browser) -> None:
        case = make_case(world.ours.entry_point)
        said = f"550 5.1.1 User unknown ({self.ADDRESS})"
        fact = MessageFailed(
            company=case.company_id, case=case.pk, desk=case.desk_id, message=1, response=said
        )
        with everything():
            record(fact, by=system("delivery"))
        page = signed_in(world.ours.manager).get(url("audit")).content.decode()
        assert self.ADDRESS not in page
        assert "550 5.1.1 User unknown" in page


class TestAudit:
    def test_a_manager_reads_what_happened_at_the_own_desks(self, world: World, signed_in: Browser) -> None:
        make_case(world.ours.entry_point)
        make_case(make_entry_point(make_desk(world.ours.company)))
        make_case(world.theirs.entry_point)
        entries = signed_in(world.ours.manager).get(url("audit")).context["found"].entries
        assert {e.desk for e in entries} == {world.ours.desk.name}
        assert {e.company for e in entries} == {"ひなた衣料"}
        whole = signed_in(world.ours.company_manager).get(url("audit")).context["found"].entries
        assert len(whole) > len(entries)
        assert {e.company for e in whole} == {"ひなた衣料"}

    def test_events_are_said_in_words(self, world: World, signed_in: Browser) -> None:
        case, by = make_case(world.ours.entry_point), actor_of(world.ours.agent)
        with scope.acting_for(by.companies):
            change_status(case, to=Status.OPEN, by=by)
        first = signed_in(world.ours.manager).get(url("audit")).context["found"].entries[0]
        number = case.spoken_number(world.ours.company.prefix)
        assert (first.what, first.who, first.by_person, first.case) == ("状態の変更", "青木 翔", True, number)
        assert first.details == [("before", "new"), ("after", "open")]

    def test_it_is_narrowed_by_kind_person_and_day(self, world: World, signed_in: Browser) -> None:
        case, by = make_case(world.ours.entry_point), actor_of(world.ours.agent)
        with scope.acting_for(by.companies):
            change_status(case, to=Status.OPEN, by=by)
        browser = signed_in(world.ours.manager)
        today = clock.now().astimezone(clock.TOKYO).date()

        def kinds(query: str) -> set[str]:
            return {e.kind for e in browser.get(f"{url('audit')}?{query}").context["found"].entries}

        assert kinds("kind=case.opened") == {"case.opened"}
        assert kinds("who=青木") == {"case.status"}
        assert kinds("who=メールとフォーム") == kinds("who=intake") == {"case.opened"}
        assert kinds(f"since={today}&who=青木") == {"case.status"}
        assert kinds(f"until={today - timedelta(days=1)}") == set()
        assert kinds(f"company={world.theirs.company.pk}&who=青木") == {"case.status"}
        assert "case.opened" in kinds("since=nonsense&before=nonsense")

    def test_older_pages_follow_without_gap_or_repeat(self, world: World) -> None:
        for _ in range(60):
            make_case(world.ours.entry_point)
        by = actor_of(world.ours.manager)
        seen: list[int] = []
        with scope.acting_for(by.companies):
            page = audit.page(by, audit.Filter())
            while page.entries:
                seen += [e.id for e in page.entries]
                if page.before is None:
                    break
                page = audit.page(by, audit.Filter(), before=page.before)
            expected = [e.id for e in audit.Event.objects.filter(desk_id=world.ours.desk.pk).order_by("-id")]
        assert len(seen) > 50
        assert seen == expected

    def test_it_asks_no_more_the_longer_it_is(
        self, world: World, signed_in: Browser, django_assert_max_num_queries: Any
    ) -> None:
        browser = signed_in(world.ours.manager)
        make_case(world.ours.entry_point)
        with django_assert_max_num_queries(22) as few:
            browser.get(url("audit"))
        for _ in range(15):
            make_case(world.ours.entry_point)
        with django_assert_max_num_queries(len(few)):
            assert len(browser.get(url("audit")).context["found"].entries) == 16

    def test_it_says_how_far_the_log_is_sealed(self, world: World, signed_in: Browser) -> None:
        browser = signed_in(world.ours.manager)
        assert browser.get(url("audit")).context["sealed_at"] is None
        with everything():
            link = Seal.objects.create(
                first_tx=1, first_id=1, last_tx=1, last_id=1, count=1, previous=bytes(32), digest=bytes(32)
            )
            link.refresh_from_db()
        assert browser.get(url("audit")).context["sealed_at"] == link.sealed_at

    def test_every_kind_of_event_has_a_name(self) -> None:
        assert sorted(k for k in set(known_facts.known()) - set(EVENTS) if not k.startswith("test.")) == []


def test_permissions_of_lists_are_held_somewhere_by_somebody(world: World) -> None:
    people = [getattr(world.ours, who) for who in ("supervisor", "manager", "company_manager")]
    held = {
        p for person in (*people, world.administrator) for p in Permission if actor_of(person).may_anywhere(p)
    }
    assert held == set(Permission)
