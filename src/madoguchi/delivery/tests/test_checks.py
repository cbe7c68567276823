"""What is looked at before an answer leaves: exact words, no false alarms, nothing sent while something is asked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, ReplyLock, Status
from madoguchi.companies.actions import set_checks
from madoguchi.companies.models import Desk, Engagement
from madoguchi.customers.actions import Said, stop_use_of, write_consent
from madoguchi.customers.consenting import bounds_of
from madoguchi.customers.models import Customer
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.delivery.checks import (
    Written,
    forbidden,
    gone_past,
    others_names,
    own_words,
    questions,
    speaks_of_a_file,
)
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import AskFirst, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task, tick

SATO = "佐藤 花子"
NAMES = ["山田", "山田 太郎", "髙橋", "鈴木一郎", "森", "服田", "渡邉", "五十嵐"]


def asked(desk: Desk, text: str, **more: object) -> list[str]:
    return [one.key for one in questions(desk, Written(**{"text": text, "customer": SATO} | more))]  # type: ignore[arg-type]


class TestNames:
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize(
        "text",
        ["{}様", "{}様\n\nお世話になっております。", "{} 様、", "株式会社あおい　{}様", "いつも{}様には"],
    )
    def test_anothers_is_noticed(self, text: str, name: str) -> None:
        assert others_names(text.format(name), SATO) == [name]

    @pytest.mark.parametrize(
        "text",
        [
            "佐藤様",
            "佐藤 花子様",
            "佐藤花子様",
            "花子様",
            "佐藤様\n\nご紹介の山田様にもお伝えください。",
            "「山田様」とお書きになった件ですが",
            "お名前が『山田様』となっておりました。",
            "お客様 皆様 奥様 ご担当者様 会員様 取引先様 店長様 ご本人様 お二人様 ご家族様",
            "製品の仕様、同様の模様、様々な様子、その有様、多様です。外国人様、各位様",
            "ご覧になった様です。",
            "やまだ様 ヤマダ様 Yamada様",
            "",
        ],
    )
    def test_there_is_no_false_alarm(self, text: str) -> None:
        assert others_names(text, SATO) == []

    @pytest.mark.parametrize(
        ("written", "customer"),
        [("高橋様", "髙橋 美咲"), ("渡辺様", "渡邉 一"), ("斉藤様", "斉藤"), ("佐藤様", "（株）あおい 佐藤")],
    )
    def test_other_forms_of_a_kanji_are_the_same_name(self, written: str, customer: str) -> None:
        assert others_names(written, customer) == []

    @pytest.mark.parametrize("customer", ["", "Hanako Sato", "さとう はなこ", "サトウ"])
    def test_a_name_without_kanji_cannot_be_compared(self, customer: str) -> None:
        assert others_names("山田様", customer) == []

    @given(st.text("佐藤山田様の「」、。 \n仕々子", max_size=40))
    def test_whoever_is_addressed_by_name_is_never_called_another(self, text: str) -> None:
        assert others_names(f"佐藤様\n{text}", SATO) == []

    @given(st.text(max_size=60))
    def test_only_what_stands_there_is_named(self, text: str) -> None:
        assert all(f"{name}" in text for name in others_names(text, SATO))


class TestFiles:
    @pytest.mark.parametrize(
        "text",
        ["資料を添付します。", "見積書を同封いたしました", "別添のとおり", "Please see the attached file."],
    )
    def test_a_promise_of_one_is_read(self, text: str) -> None:
        assert speaks_of_a_file(text)

    @pytest.mark.parametrize(
        "text",
        [
            "ご添付の写真",
            "添付いただいた写真を拝見しました",
            "添付された画像",
            "添付不要です",
            "attachments",
            "",
        ],
    )
    def test_the_customers_own_is_none_of_ours(self, text: str) -> None:
        assert not speaks_of_a_file(text)

    def test_quotations_are_not_ours(self) -> None:
        assert own_words("はい。\n> 添付します\n＞ 同封\nでは。") == "はい。\nでは。"


class TestWords:
    desk = Desk(forbidden_words="極秘\nProject X\n ass \n", care_words="返金\n保証", check_name=True)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("これは極秘です。", ["極秘"]),
            ("ＰＲＯＪＥＣＴ　Ｘと極秘", ["極秘", "Project X"]),
            ("> 極秘\nはい。", ["極秘"]),
            ("class、project xyz", []),
            ("You ass.", ["ass"]),
            ("", []),
        ],
    )
    def test_what_must_not_go_out_is_found_in_any_width_and_case(self, text: str, said: list[str]) -> None:
        assert forbidden(self.desk, text) == said

    def test_what_needs_care_is_asked_of_new_words_alone(self) -> None:
        assert asked(self.desk, "返金します。\n> 保証は") == ["care 返金"]

    @given(st.lists(st.text("あいう極秘AＢ1", min_size=1, max_size=4), max_size=5), st.text(max_size=20))
    def test_a_listed_word_between_others_is_always_found(self, words: list[str], around: str) -> None:
        desk = Desk(forbidden_words="\n".join(words))
        for word in words:
            assert word in forbidden(desk, f"{around} {word} {around}")


class TestQuestions:
    def test_each_is_asked_in_its_turn(self) -> None:
        desk = Desk(care_words="返金", check_recipients=Desk.Recipients.OTHERS)
        text = "山田様\n返金の資料を添付します。"

        keys = asked(desk, text, to="a@x.example", to_others=True)

        assert [key.split()[0] for key in keys] == ["recipients", "attachment", "name", "care"]

    def test_what_is_still_to_be_done_is_asked_of_again_when_it_is_something_else(self) -> None:
        one, same, other = (
            asked(Desk(), "はい。", undone=undone) for undone in (("検品",), ("検品",), ("検品", "返送"))
        )
        assert one == same != other
        [question] = questions(Desk(), Written("はい。", SATO, undone=("検品", "返送")))
        assert (
            question.words == "この返信で解決になりますが、まだ終わっていないタスクがあります：検品、返送。"
        )

    def test_what_is_switched_off_is_not(self) -> None:
        desk = Desk(check_attachment=False, check_name=False)
        assert asked(desk, "山田様\n資料を添付します。", to_others=True) == []

    @pytest.mark.parametrize(
        ("when", "others", "times"),
        [("never", True, 0), ("others", False, 0), ("others", True, 1), ("always", False, 1)],
    )
    def test_to_whom_it_goes_is_asked_when_the_desk_wants_it(
        self, when: str, others: bool, times: int
    ) -> None:
        assert len(asked(Desk(check_recipients=when), "はい。", to_others=others)) == times
        assert len(asked(Desk(check_recipients=when), "はい。", to_others=others, to_stranger=True)) == 1

    def test_other_addressees_are_another_question(self) -> None:
        desk = Desk(check_recipients="always")
        one, same, other = (asked(desk, "はい。", to="a@x.example", cc=cc) for cc in ("b@x", "b@x", "c@x"))
        assert one == same != other

    def test_it_says_who_gets_what(self) -> None:
        written = Written("はい。", SATO, files=("a.pdf", "b.png"), to="a@x.example", bcc="c@x.example")
        [question] = questions(Desk(check_recipients="always"), written)
        assert question.words == "宛先: a@x.example\nBcc: c@x.example\nファイル: a.pdf、b.png"


@pytest.mark.django_db
class TestTheGate:
    @pytest.fixture
    def case(self, world: World) -> Case:
        case = make_case(world.ours.entry_point, sender=Party("sato@home.example", SATO))
        with scope.acting_for([case.company_id]):
            Desk.objects.filter(pk=world.ours.desk.pk).update(care_words="返金", forbidden_words="極秘")
        return case

    @pytest.fixture
    def agent(self, world: World) -> Actor:
        return actor_of(world.ours.agent)

    def nothing_happened(self) -> bool:
        rows = (
            Outgoing.objects.exists(),
            Message.objects.filter(author="staff").exists(),
            ReplyLock.objects.exists(),
        )
        return rows == (False, False, False) and not Event.objects.filter(kind="message.queued").exists()

    def test_an_answer_that_solves_asks_of_what_is_still_to_be_done(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies):
            add_task(case, Wanted(title="検品"), by=agent)
            tick(add_task(case, Wanted(title="受付"), by=agent), done=True, by=agent)
            solving = Reply(text="交換しました。", status=Status.SOLVED)
            with pytest.raises(AskFirst) as first:
                reply(case, solving, by=agent)
            [(key, words)] = first.value.questions
            assert "検品" in words
            assert "受付" not in words
            assert self.nothing_happened()

            reply(case, replace(solving, confirmed=frozenset({key})), by=agent)

            assert Case.objects.get(pk=case.pk).status == Status.SOLVED

    def test_who_is_stopped_or_refused_this_way_is_written_to_once_that_is_confirmed(
        self, case: Case, agent: Actor
    ) -> None:
        with scope.acting_for(agent.companies):
            # given
            said = {"purpose": "matter", "given": False, "how": "phone"}
            write_consent(case.customer, Said(ways=("phone",), **said), by=agent)  # type: ignore[arg-type]
            write_consent(case.customer, Said(ways=("email",), **said), by=agent)  # type: ignore[arg-type]
            with pytest.raises(AskFirst) as refused:
                reply(case, Reply(text="お調べします。"), by=agent)
            assert list(refused.value.questions) == [("refused email", bounds_of(False, ["email"]))]
            stop_use_of(case.customer, by=agent)

            # when
            with pytest.raises(AskFirst) as stopped:
                reply(case, Reply(text="お調べします。", confirmed=frozenset({"refused email"})), by=agent)

            # then
            assert list(stopped.value.questions) == [("stopped", bounds_of(True, ()))]
            assert gone_past(["stopped", "refused email"]) == [
                bounds_of(True, ()),
                bounds_of(False, ["email"]),
            ]
            assert self.nothing_happened()
            left = reply(case, Reply(text="お調べします。", confirmed=frozenset({"stopped"})), by=agent)
            assert left.state == Outgoing.State.QUEUED

    def test_an_answer_after_which_the_case_goes_on_asks_of_no_task(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies):
            add_task(case, Wanted(title="検品"), by=agent)

            reply(case, Reply(text="お調べします。"), by=agent)

            assert Case.objects.get(pk=case.pk).status == Status.WAITING_CUSTOMER

    def test_a_word_that_must_not_go_out_is_refused_by_name(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies):
            with pytest.raises(Refused, match="「極秘」") as refused:
                reply(case, Reply(text="極秘です。", confirmed=ANYTHING), by=agent)
            assert refused.value.field == "text"
            assert not isinstance(refused.value, AskFirst)
            assert self.nothing_happened()

    def test_what_is_asked_is_sent_once_it_is_confirmed(self, case: Case, agent: Actor) -> None:
        text = "山田様\n返金の資料を添付します。"
        with scope.acting_for(agent.companies):
            with pytest.raises(AskFirst) as asked:
                reply(case, Reply(text=text), by=agent)
            keys = [key for key, _words in asked.value.questions]
            assert keys == ["attachment", "name 山田", "care 返金"]
            with pytest.raises(AskFirst) as left:
                reply(case, Reply(text=text, confirmed=frozenset(keys[:2])), by=agent)
            assert [key for key, _words in left.value.questions] == ["care 返金"]
            assert self.nothing_happened()

            outgoing = reply(case, Reply(text=text, confirmed=frozenset(keys)), by=agent)

            assert outgoing.state == Outgoing.State.QUEUED

    def test_what_the_customers_software_cannot_show_is_asked_with_what_becomes_of_it(
        self, case: Case, agent: Actor
    ) -> None:
        with scope.acting_for(agent.companies):
            # given a name and a signature with signs of their own: those that stay readable are the same every time
            Case.objects.filter(pk=case.pk).update(subject="①の件 𠀋")
            Desk.objects.update(signature="㈱ひなた 👋")
            text = "髙橋が①で承ります 〜 −\n𠮟"
            first = reply(case, Reply(text=text), by=agent)
            assert first.state == Outgoing.State.QUEUED
            Customer.objects.update(mail_format=Customer.MailFormat.OLD_LETTERS)
            again = frozenset({f"said {first.message_id}"})
            with pytest.raises(AskFirst) as lost:
                reply(case, Reply(text=text, confirmed=again), by=agent)
            signs = "髙 → 高、① → (1)、𠮟 → 〓、𠀋 → 〓、👋 → 〓"
            words = f"お客様のメールソフトで表示できない文字は、次のように置き換えて送ります: {signs}"
            assert list(lost.value.questions) == [(f"letters {signs}", words)]
            assert gone_past([f"letters {signs}"]) == [words]
            assert Outgoing.objects.count() == 1

            # when
            left = reply(case, Reply(text=text, confirmed=again | {f"letters {signs}"}), by=agent)

            # then
            assert left.state == Outgoing.State.QUEUED
            assert reply(
                case,
                Reply(text="お調べします。", confirmed=frozenset({"letters 𠀋 → 〓、👋 → 〓"})),
                by=agent,
            )

    def test_a_file_answers_the_question(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies):
            written = Reply(text="佐藤様\n資料を添付します。", files=(File("a.txt", "text/plain", b"a"),))
            assert reply(case, written, by=agent).state == Outgoing.State.QUEUED

    def test_who_may_not_know_the_customer_learns_nothing_by_it(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with scope.acting_for(agent.companies):
            Engagement.objects.filter(desk=world.ours.desk).update(masked=["name", "email"])
            Desk.objects.filter(pk=world.ours.desk.pk).update(check_recipients="always")
            masked = actor_of(world.ours.agent)
            with pytest.raises(AskFirst) as asked:
                reply(case, Reply(text="山田様"), by=masked)

        [(key, words)] = asked.value.questions
        assert "sato@home.example" not in key + words
        assert words.startswith("宛先: ")


@pytest.mark.django_db
class TestSettingTheChecks:
    def wanted(self, **changed: object) -> dict[str, object]:
        given = {
            "check_recipients": "never",
            "check_attachment": True,
            "check_name": True,
            "check_bare": True,
        }
        return given | {"forbidden_words": "", "care_words": ""} | changed

    def test_they_are_kept_tidied_and_told(self, world: World) -> None:
        manager, desk = actor_of(world.ours.company_manager), world.ours.desk
        with world.ours.scope():
            words = " 極秘\r\n\r\n社外秘 \n極秘"
            set_checks(desk, **self.wanted(check_name=False, forbidden_words=words), by=manager)  # type: ignore[arg-type]

            kept = Desk.objects.get(pk=desk.pk)
            assert (kept.check_name, kept.forbidden_words) == (False, "極秘\n社外秘")
            [event] = Event.objects.filter(kind="desk.changed")
            assert event.data["changes"] == {
                "check_name": [True, False],
                "forbidden_words": ["", "極秘\n社外秘"],
            }

    def test_too_many_words_and_strangers_are_refused(self, world: World) -> None:
        desk = world.ours.desk
        many = "\n".join(str(n) for n in range(501))
        with world.ours.scope():
            with pytest.raises(Refused) as refused:
                set_checks(desk, **self.wanted(care_words=many), by=actor_of(world.ours.company_manager))  # type: ignore[arg-type]
            with pytest.raises(NotAllowed):
                set_checks(desk, **self.wanted(care_words="返金"), by=actor_of(world.ours.agent))  # type: ignore[arg-type]
            assert refused.value.field == "care_words"
            assert Desk.objects.get(pk=desk.pk).care_words == ""
            assert not Event.objects.filter(kind="desk.changed").exists()
