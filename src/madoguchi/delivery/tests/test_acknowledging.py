"""The acknowledgement of a first contact, and what makes one leave."""

from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message, ReplyTime, Status
from madoguchi.cases.reply_time import slots
from madoguchi.companies.actions import set_acknowledgements
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.models import Identity
from madoguchi.delivery import links
from madoguchi.delivery.actions import Reply, acknowledge, reply, send
from madoguchi.delivery.actions.acknowledge import text_for
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import MORNING, SOON, Answering, everything, message_of, now, work
from madoguchi.infra import reactions, scope
from madoguchi.infra.models import Event, FailedReaction
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, PermanentFailure
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.markup import as_html
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.keeping import keep_by_answer
from madoguchi.promises.models import Promise
from madoguchi.signals.grave import dismiss_grave, is_grave, look_for_grave_words

pytestmark = pytest.mark.django_db


class TestAcknowledging:
    def acknowledged(self, case: Case, *, cause: int = 1) -> Outgoing | None:
        with scope.acting_for([case.company_id]):
            return acknowledge(case.pk, cause=cause)

    def set_up(self, world: World, **desk: Any) -> None:
        with world.ours.scope():
            Desk.objects.filter(pk=world.ours.desk.pk).update(**desk)

    def test_it_names_number_hours_and_page_and_changes_nothing_else(
        self, world: World, case: Case, peer: Answering
    ) -> None:
        self.set_up(world, hours="平日 9:00–18:00", signature="ひなた衣料 お客様窓口")
        outgoing = self.acknowledged(case)

        assert outgoing is not None
        message = message_of(outgoing)
        number = case.spoken_number(world.ours.company.prefix)
        for words in (number, "髙橋 美咲", "平日 9:00–18:00", "ひなた衣料 お客様窓口"):
            assert words in outgoing.text
        assert links.case_page(case.pk, case.company_id) in outgoing.text
        assert (message.automatic, message.author, outgoing.cause) == ("acknowledgement", "system", 1)
        stands = now(case)
        assert (stands.status, stands.version, stands.waiting_since) == ("new", 1, MORNING)

    def test_it_speaks_the_customers_language(self, case: Case) -> None:
        with scope.acting_for([case.company_id]):
            Case.objects.update(language="en")
        outgoing = self.acknowledged(case)

        assert outgoing is not None
        assert outgoing.text.startswith("Dear 髙橋 美咲,")
        assert "Thank you for contacting us." in outgoing.text

    def test_it_speaks_chinese_as_a_whole_and_the_rest_of_us_english(self, world: World, case: Case) -> None:
        with scope.acting_for([case.company_id]):
            Case.objects.update(language="zh-Hant")
        outgoing = self.acknowledged(case)

        assert outgoing is not None
        assert outgoing.text.startswith("髙橋 美咲 您好：\n\n感謝您的來信。")
        assert links.case_page(case.pk, case.company_id) in outgoing.text
        assert "(the address of the customer's own page)" in message_of(outgoing).text
        assert "您可以在以下頁面查看處理進度" in message_of(outgoing).text

    def test_a_desk_writes_its_own_in_any_language_that_is_told_apart(self, world: World, case: Case) -> None:
        manager = actor_of(world.ours.company_manager)
        with world.ours.scope():
            set_acknowledgements(world.ours.desk, texts={"vi": " Chào {{customer}}! ", "ko": " "}, by=manager)
            assert Desk.objects.get(pk=world.ours.desk.pk).acknowledgements == {"vi": "Chào {{customer}}!"}
            Case.objects.update(language="vi")
        outgoing = self.acknowledged(case)

        assert outgoing is not None
        assert outgoing.text == "Chào 髙橋 美咲!"

    def test_nobody_else_writes_it_and_in_no_language_that_is_not_known(self, world: World) -> None:
        desk = world.ours.desk
        with world.ours.scope():
            with pytest.raises(NotAllowed):
                set_acknowledgements(desk, texts={"vi": "Chào"}, by=actor_of(world.ours.agent))
            with pytest.raises(Refused):
                set_acknowledgements(desk, texts={"xx": "?"}, by=actor_of(world.ours.company_manager))
            assert Desk.objects.get(pk=desk.pk).acknowledgements == {}
        assert everything(Event, kind="desk.changed") == []

    def test_a_desks_own_japanese_is_not_sent_to_who_writes_in_english(
        self, world: World, case: Case
    ) -> None:
        self.set_up(world, acknowledgement="{{case}} を受け付けました。")
        with scope.acting_for([case.company_id]):
            Case.objects.update(language="en")
        outgoing = self.acknowledged(case)

        assert outgoing is not None
        assert "Thank you for contacting us." in outgoing.text

    @pytest.mark.parametrize(
        ("language", "at_once"),
        [
            ("ja", "責任者がただちに確認し、対応いたします。"),
            ("en", "Somebody responsible sees to your matter at once."),
            ("ko", "책임자가 즉시 확인하여 대응하겠습니다."),
        ],
    )
    @pytest.mark.parametrize(
        "own", ["", "受付番号 {{case}}\n目安: {{reply_time}}\n署名", "受付番号 {{case}}\n"]
    )
    def test_one_of_a_grave_matter_names_no_usual_time(
        self, world: World, language: str, at_once: str, own: str
    ) -> None:
        calm = make_case(world.ours.entry_point, text="色を替えてください。")
        grave = make_case(world.ours.entry_point, text="発火して手に火傷をしました。")
        self.set_up(world, acknowledgement=own)
        with scope.acting_for([grave.company_id]):
            Case.objects.update(language=language)
            measured = {"company": world.ours.company, "desk": world.ours.desk, "measured_at": clock.now()}
            ReplyTime.objects.bulk_create(
                ReplyTime(**measured, slot=slot, seconds=3600, cases=30) for slot in slots()
            )
        usual = {"ja": "1時間以内", "en": "within 1 hour", "ko": "1시간 이내"}[language]
        told, of_grave = self.acknowledged(calm), self.acknowledged(grave, cause=2)
        assert told is not None
        assert of_grave is not None
        speaks_of_it = "reply_time" in own or not own or language != "ja"
        assert (usual in told.text, at_once in told.text) == (speaks_of_it, False)
        for words in (of_grave.text, message_of(of_grave).text):
            assert (usual in words, words.count(at_once)) == (False, 1)

    @pytest.mark.parametrize(
        ("own", "answered", "expected"),
        [
            ("", 110, [("kept", "reply", False)]),
            ("", 130, [("kept", "reply", True)]),
            ("目安: {{reply_time}}\n", None, [("open", "reply", False)]),
            ("{{case}} を受け付けました。", 110, []),
        ],
    )
    def test_the_time_that_is_told_is_a_promise_which_the_first_answer_keeps(
        self, world: World, case: Case, own: str, answered: int | None, expected: list[tuple[str, str, bool]]
    ) -> None:
        self.set_up(world, acknowledgement=own)
        with world.ours.scope(), clock.held_at(MORNING):
            measured = {"company": world.ours.company, "desk": world.ours.desk, "measured_at": MORNING}
            ReplyTime.objects.bulk_create(
                ReplyTime(**measured, slot=slot, seconds=5_000, cases=30) for slot in slots()
            )
            told = self.acknowledged(case)
        assert told is not None

        if answered:
            at = MORNING + timedelta(minutes=answered)
            with world.ours.scope(), clock.held_at(at):
                sent = reply(case, Reply(text="はい。"), by=actor_of(world.ours.agent))
                keep_by_answer(case.pk, message=sent.message_id, at=at)

        held = everything(Promise)
        assert [(one.state, one.kind, one.broken_at is not None) for one in held] == expected
        assert [one.due_at - case.opened_at for one in held] == [timedelta(hours=2)] * len(held)
        assert [one.message_id for one in held] == [told.message_id] * len(held)

    def test_one_that_was_found_not_to_be_grave_is_as_any(self, world: World) -> None:
        case = make_case(world.ours.entry_point, text="発火して手に火傷をしました。")
        with scope.acting_for([case.company_id]):
            found = look_for_grave_words(case.messages.get().pk)
            assert found is not None
            assert is_grave(case)
            dismiss_grave(found, reason="歌の題名", by=actor_of(world.ours.agent))
            assert not is_grave(case)

    def test_one_event_one_acknowledgement(self, case: Case) -> None:
        assert self.acknowledged(case, cause=5) is not None
        assert self.acknowledged(case, cause=5) is None
        assert len(everything(Outgoing)) == 1

    def test_it_leaves_at_once(self, case: Case, peer: Answering) -> None:
        with clock.held_at(MORNING):
            outgoing = self.acknowledged(case)
        assert outgoing is not None
        assert outgoing.due_at == MORNING
        assert work(outgoing, after=timedelta()).state == "sent"
        assert peer.taken[0].automatic is True

    @pytest.mark.parametrize(
        ("subject", "quoted"),
        [
            ("[お支払い](https://evil.example/) の件", "[お支払い… の件"),
            ("お支払いはHTTPS://evil.example/a?b=1からどうぞ", "お支払いは…からどうぞ"),
            ("www.evil.example と evil.example/pay の件", "… と … の件"),
            ("注文 26-205085 の file.pdf、a@b.example", "注文 26-205085 の file.pdf、a@b.example"),
        ],
    )
    def test_a_strangers_words_in_it_are_no_link_to_elsewhere(
        self, world: World, case: Case, subject: str, quoted: str
    ) -> None:
        with scope.acting_for([case.company_id]):
            Case.objects.update(subject=subject)
        outgoing = self.acknowledged(case)

        assert outgoing is not None
        with world.ours.scope():
            assert ">お支払い<" not in as_html(outgoing.text)
        assert ">お支払い<" not in message_of(outgoing).html
        assert f"件名：{quoted}\n" in outgoing.text

    def test_one_that_does_not_arrive_makes_no_case_ours(self, case: Case, peer: Answering) -> None:
        peer.planned = [PermanentFailure("550 unknown")]
        with scope.acting_for([case.company_id]):
            Case.objects.update(status=Status.SOLVED, waiting_since=None)
        outgoing = self.acknowledged(case)
        assert outgoing is not None
        with clock.held_at(clock.now() + SOON):
            send(outgoing.pk, company=outgoing.company_id)

        assert now(outgoing).state == "failed"
        assert (now(case).status, now(case).waiting_since) == ("solved", None)

    def test_a_desk_may_have_words_of_its_own(self, world: World, case: Case) -> None:
        own = "{{customer}} 様\n{{case}} {{hours}} {{subject}} {{desk}} {{unknown}}"
        self.set_up(world, acknowledgement=own, hours="平日")
        number = case.spoken_number(world.ours.company.prefix)
        with world.ours.scope():
            found = Case.objects.select_related("company", "desk", "customer").get(pk=case.pk)
            text = text_for(found, name="美咲", link="", usual=None)

        assert text == f"美咲 様\n{number} 平日 炊飯器について {world.ours.desk.public_name} {{{{unknown}}}}"

    @pytest.mark.parametrize("why", ["not wanted", "nobody to tell", "no address"])
    def test_none_where_there_is_none_to_send(self, world: World, case: Case, why: str) -> None:
        with world.ours.scope():
            if why == "not wanted":
                Desk.objects.update(acknowledge=False)
            elif why == "nobody to tell":
                Message.objects.update(sender_address="")
                Identity.objects.all().delete()
            else:
                EntryPoint.objects.update(active=False)

        assert self.acknowledged(case) is None
        assert everything(Outgoing) == everything(Message, author="system") == []

    def test_an_address_that_is_no_letter_is_not_put_into_a_template(self, world: World, case: Case) -> None:
        with world.ours.scope():
            found = Case.objects.select_related("company", "desk", "customer").get(pk=case.pk)
            found.subject = "<b>{{ 7*7 }}</b> & Co"
            assert "<b>{{ 7*7 }}</b> & Co" in text_for(found, name="{% now %}", link="", usual=None)


@pytest.mark.django_db(transaction=True)
class TestReacting:
    def test_a_first_word_is_acknowledged_once_and_a_robots_never(
        self, world: World, peer: Answering
    ) -> None:
        reactions.run_all()
        make_case(world.ours.entry_point)
        make_case(world.ours.entry_point, automatic="auto-reply")
        say_again(make_case(world.theirs.entry_point))

        for _ in range(3):
            reactions.run_all()

        sent = everything(Outgoing)
        assert [o.company_id for o in sent] == [world.ours.company.pk, world.theirs.company.pk]
        assert [message_of(o).automatic for o in sent] == ["acknowledgement"] * 2
        assert len({o.cause for o in sent}) == 2

    def test_a_desk_that_takes_forms_only_is_no_failure(self, world: World, peer: Answering) -> None:
        reactions.run_all()
        make_case(make_entry_point(make_desk(world.ours.company), kind=Channel.FORM))

        reactions.run_all()

        assert everything(Outgoing) == everything(FailedReaction) == []

    def test_the_system_acts_under_its_name(self, world: World, peer: Answering) -> None:
        reactions.run_all()
        make_case(world.ours.entry_point)
        reactions.run_all()

        [written] = everything(Event, kind="message.written")
        assert (written.actor_kind, written.actor_name) == ("system", system("delivery").name)
