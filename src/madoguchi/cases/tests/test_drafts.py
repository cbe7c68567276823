"""What is being typed: one answer a case that the desk shares, a note of one's own, and nobody's words lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases import actions, queries
from madoguchi.cases.actions.answer import Answering, write_answer
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Draft, DraftFile
from madoguchi.companies.factories import make_desk
from madoguchi.infra import files
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
CARD, BLOTTED = "4111 1111 1111 1111", "■■■■ ■■■■ ■■■■ 1111"
PLAN = File("見積書.pdf", "application/pdf", b"%PDF-1.4")


@pytest.fixture
def case(world: World) -> Iterator[Case]:
    made = make_case(world.ours.entry_point)
    with world.ours.scope(), clock.held_at(MORNING):
        yield made


def write(case: Case, text: str, *, by: Actor, kind: str = "reply", **more: str) -> Draft | None:
    return actions.save_draft(case, kind=kind, text=text, by=by, **more)


def drafts(case: Case) -> list[tuple[str, int, str]]:
    """The drafts of a case as (kind, person, words), the answer first, then in the order in which they were made."""
    rows = Draft.objects.filter(case=case).order_by("pk").values_list("kind", "user_id", "text")
    return sorted(rows, key=lambda row: row[0] != "reply")


def beside(draft: Draft | None) -> list[str]:
    assert draft is not None
    return [file.filename for file in draft.files.order_by("pk")]


class TestOneAnswer:
    def test_a_colleague_reads_it_and_it_outlives_the_page(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "書きかけ", by=agent)
        write(case, "書きかけの続き", by=agent, to="a@x.example", cc="b@x.example")

        found = queries.draft_of(case, kind="reply", person=supervisor.id or 0)

        assert found is not None
        assert (found.user_id, found.text, found.to, found.cc) == (
            agent.id,
            "書きかけの続き",
            "a@x.example",
            "b@x.example",
        )
        assert drafts(case) == [("reply", agent.id, "書きかけの続き")]

    def test_it_is_kept_as_typed_but_for_card_numbers(self, case: Case, agent: Actor) -> None:
        draft = write(case, f"  か\u3099\r\n{CARD}", to="a@x.example\n", cc=" b ", by=agent)

        assert draft is not None
        words = (draft.text, draft.to, draft.cc, draft.saved_at)
        assert words == (f"  が\n{BLOTTED}", "a@x.example", "b", MORNING)

    def test_it_is_no_news_for_the_log(self, case: Case, agent: Actor) -> None:
        before = Event.objects.count()

        write(case, "書きかけ", by=agent)

        assert Event.objects.count() == before
        assert Case.objects.get(pk=case.pk).version == 1

    def test_the_database_has_no_room_for_a_second(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        write(case, "一つ目", by=agent)

        with pytest.raises(IntegrityError), transaction.atomic():
            Draft.objects.create(
                company_id=case.company_id, case=case, user_id=supervisor.id or 0, saved_at=MORNING
            )
        assert drafts(case) == [("reply", agent.id, "一つ目")]

    def test_another_hand_goes_on_and_what_stood_there_is_kept(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "お調べします。", cc="b@x.example", by=agent)
        actions.add_draft_file(case, PLAN, by=agent)

        with clock.held_at(MORNING + timedelta(minutes=5)):
            draft = write(case, "お調べしました。", by=supervisor)

        assert drafts(case) == [
            ("reply", supervisor.id, "お調べしました。"),
            ("kept", agent.id, "お調べします。"),
        ]
        kept = Draft.objects.get(kind="kept")
        assert (kept.cc, kept.saved_at) == ("b@x.example", MORNING)
        assert beside(kept) == beside(draft) == ["見積書.pdf"]

    def test_reading_along_changes_no_hand(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        write(case, "お調べします。", by=agent)

        write(case, "お調べします。", by=supervisor)

        assert drafts(case) == [("reply", agent.id, "お調べします。")]

    def test_what_was_kept_and_is_all_in_later_words_is_kept_once(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "お調べ", by=agent)
        write(case, "はい", by=supervisor)
        write(case, "お調べします。", by=agent)
        write(case, "はい。", by=supervisor)

        assert drafts(case) == [
            ("reply", supervisor.id, "はい。"),
            ("kept", supervisor.id, "はい"),
            ("kept", agent.id, "お調べします。"),
        ]

    def test_an_empty_one_of_somebody_leaves_nothing_to_keep(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, " ", by=agent)
        write(case, "はい", by=supervisor)

        assert drafts(case) == [("reply", supervisor.id, "はい")]


class TestWhoHoldsTheAnswer:
    def test_who_types_beside_the_holder_has_their_words_kept(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        actions.claim_reply(case, by=agent)
        write(case, "お調べします。", by=agent)

        for typed in ("先に", "先に送", "先に送ります。"):
            kept = write(case, typed, by=supervisor)

        assert kept is not None
        assert kept.kind == "kept"
        assert drafts(case) == [
            ("reply", agent.id, "お調べします。"),
            ("kept", supervisor.id, "先に送ります。"),
        ]

    def test_the_holders_own_words_in_another_page_are_not_kept_twice(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        actions.claim_reply(case, by=agent)
        write(case, "お調べします。", by=agent)

        assert write(case, "お調べ", by=supervisor) is None
        assert write(case, " ", by=supervisor) is None
        assert drafts(case) == [("reply", agent.id, "お調べします。")]

    def test_taking_over_brings_the_words_along(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        actions.claim_reply(case, by=agent)
        write(case, "お調べします。", by=agent)

        actions.take_over(case, by=supervisor)

        assert drafts(case) == [("reply", agent.id, "お調べします。")]
        write(case, "お調べします。お待ちください。", by=supervisor)
        write(case, "お調べします。まだ書いていました。", by=agent)
        assert drafts(case) == [
            ("reply", supervisor.id, "お調べします。お待ちください。"),
            ("kept", agent.id, "お調べします。まだ書いていました。"),
        ]

    def test_files_are_put_there_and_taken_away_by_who_holds_it(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        actions.claim_reply(case, by=agent)
        kept = actions.add_draft_file(case, PLAN, by=agent)

        with pytest.raises(Conflict, match="青木 翔"):
            actions.add_draft_file(case, PLAN, by=supervisor)
        with pytest.raises(Conflict, match="青木 翔"):
            actions.drop_draft_file(case, kept.pk, by=supervisor)
        with pytest.raises(Conflict, match="青木 翔"):
            actions.discard_draft(case, kind="reply", by=supervisor)

        assert [file.filename for file in DraftFile.objects.all()] == ["見積書.pdf"]
        assert drafts(case) == [("reply", agent.id, "")]


class TestThrowingAway:
    def test_ones_own_is_gone_and_a_colleagues_is_kept_for_them(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "はい。", by=agent)
        actions.discard_draft(case, kind="reply", by=agent)
        assert drafts(case) == []

        write(case, "お調べします。", by=agent)
        actions.discard_draft(case, kind="reply", by=supervisor)
        assert drafts(case) == [("kept", agent.id, "お調べします。")]

    def test_who_may_only_read_throws_nothing_away(self, world: World, case: Case, agent: Actor) -> None:
        write(case, "お調べします。", by=agent)

        with pytest.raises(NotAllowed):
            actions.discard_draft(case, kind="reply", by=actor_of(world.ours.company_staff))

        assert drafts(case) == [("reply", agent.id, "お調べします。")]

    def test_nothing_happens_when_there_is_none(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        write(case, "メモ", kind="note", by=agent)

        actions.discard_draft(case, kind="reply", by=agent)
        actions.discard_draft(case, kind="note", by=supervisor)

        assert drafts(case) == [("note", agent.id, "メモ")]

    def test_what_was_kept_becomes_the_answer_again(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "お調べします。", by=agent)
        write(case, "はい。", by=supervisor)
        kept = Draft.objects.get(kind="kept")

        actions.take_up_kept(case, kept.pk, by=agent)

        assert drafts(case) == [("reply", agent.id, "お調べします。"), ("kept", supervisor.id, "はい。")]
        with pytest.raises(NotFound):
            actions.take_up_kept(case, kept.pk, by=agent)

    def test_what_is_all_in_ones_own_answer_can_be_taken_up_as_well(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "お調べします。", by=agent)
        write(case, "はい。", by=supervisor)
        kept = Draft.objects.get(kind="kept")
        write(case, "はい。お調べします。", by=agent)

        actions.take_up_kept(case, kept.pk, by=agent)

        assert set(drafts(case)) == {
            ("reply", agent.id, "お調べします。"),
            ("kept", agent.id, "はい。お調べします。"),
            ("kept", supervisor.id, "はい。"),
        }

    def test_it_is_nobody_elses_and_waits_while_somebody_writes(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "お調べします。", by=agent)
        write(case, "はい。", by=supervisor)
        kept = Draft.objects.get(kind="kept")
        before = drafts(case)

        for refused in (actions.take_up_kept, actions.drop_kept):
            with pytest.raises(NotFound):
                refused(case, kept.pk, by=supervisor)
        actions.claim_reply(case, by=supervisor)
        with pytest.raises(Conflict, match="森 美咲"):
            actions.take_up_kept(case, kept.pk, by=agent)

        assert drafts(case) == before
        actions.drop_kept(case, kept.pk, by=agent)
        assert drafts(case) == [("reply", supervisor.id, "はい。")]


class TestAnAnswerIsGiven:
    def test_what_it_says_is_no_longer_kept_and_other_words_are(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "お調べします。", by=agent)
        write(case, "お調べします。お待ちください。", by=supervisor)
        with clock.held_at(MORNING + timedelta(minutes=1)):
            write(case, "交換いたします。", by=agent)
        write(case, "確認中", kind="note", by=agent)

        actions.settle_drafts(case, said="お調べします。お待ちください。", by=supervisor)

        assert drafts(case) == [("kept", agent.id, "交換いたします。"), ("note", agent.id, "確認中")]

    def test_words_that_were_only_spaced_or_written_otherwise_were_said(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "お調べします ｡\n明日までに", by=agent)
        write(case, "別の件です。", kind="kept", by=agent)

        actions.settle_drafts(case, said="お調べします。明日までに\n\n> いつですか", by=supervisor)

        assert drafts(case) == [("kept", agent.id, "別の件です。")]

    def test_what_a_page_still_sends_of_what_a_colleague_has_sent_is_not_kept(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        seen = case.version
        answer = Answering("お調べします。", (), "a@b.example", "件名", Party("desk@b.example"))
        write_answer(case, answer, by=supervisor)
        late = {"text": "お調べします。 ", "to": "", "cc": "", "bcc": ""}

        assert actions.save_typed(case, kind="reply", words=late, seen=seen, by=agent) is None
        assert drafts(case) == []
        other = late | {"text": "交換いたします。"}
        assert actions.save_typed(case, kind="reply", words=other, seen=seen, by=agent) is not None
        assert drafts(case) == [("reply", agent.id, "交換いたします。")]

    def test_files_that_did_not_go_with_it_are_kept(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        write(case, "はい。", by=agent)
        actions.add_draft_file(case, PLAN, by=agent)
        write(case, "はい。どうぞ。", by=supervisor)

        actions.settle_drafts(case, said="はい。どうぞ。", by=supervisor)

        assert drafts(case) == [("kept", agent.id, "はい。")]
        assert beside(Draft.objects.get()) == ["見積書.pdf"]


class TestNotes:
    def test_each_has_one_of_their_own(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        other = make_case(world.ours.entry_point)
        for by in (agent, supervisor):
            for which in (case, other):
                write(which, "下書き", kind="note", by=by)
                write(which, f"{by.name}{which.pk}", kind="note", by=by)

        draft = queries.draft_of(other, kind="note", person=supervisor.id or 0)

        assert draft is not None
        assert draft.text == f"森 美咲{other.pk}"
        actions.discard_draft(other, kind="note", by=supervisor)
        assert queries.draft_of(other, kind="note", person=supervisor.id or 0) is None
        assert Draft.objects.count() == 3


class TestFiles:
    def test_they_wait_beside_the_answer_up_to_twenty(self, case: Case, agent: Actor) -> None:
        for n in range(20):
            actions.add_draft_file(case, File(f"{n}.txt", "text/plain", f"{n}".encode()), by=agent)
        with pytest.raises(Refused) as refused:
            actions.add_draft_file(case, File("21.txt", "text/plain", b"x"), by=agent)

        assert refused.value.field == "files"
        assert DraftFile.objects.count() == 20
        third = DraftFile.objects.order_by("id")[2]
        assert (third.filename, third.size) == ("2.txt", 1)
        assert files.read(third.sha256, company=case.company_id) == b"2"

    def test_one_that_is_not_there_cannot_be_taken_away(self, world: World, case: Case, agent: Actor) -> None:
        kept = actions.add_draft_file(case, PLAN, by=agent)
        other, company = make_case(world.ours.entry_point), actor_of(world.ours.company_staff)
        for which, by in ((other, agent), (case, company)):
            with pytest.raises(NotFound):
                actions.drop_draft_file(which, kept.pk, by=by)
        assert DraftFile.objects.count() == 1

        actions.drop_draft_file(case, kept.pk, by=agent)
        with pytest.raises(NotFound):
            actions.drop_draft_file(case, kept.pk, by=agent)
        assert DraftFile.objects.count() == 0

    def test_another_hand_takes_one_away_and_its_writer_keeps_it(
        self, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        put = actions.add_draft_file(case, PLAN, by=agent)

        actions.drop_draft_file(case, put.pk, by=supervisor)

        assert drafts(case) == [("reply", supervisor.id, ""), ("kept", agent.id, "")]
        assert beside(Draft.objects.get(kind="kept")) == ["見積書.pdf"]
        assert beside(Draft.objects.get(kind="reply")) == []

    def test_words_and_files_are_brought_back_together(self, case: Case, agent: Actor) -> None:
        actions.bring_back(
            case, kind="reply", words={"text": "はい。", "to": "x@y.example"}, files=[PLAN], by=agent
        )

        draft = queries.draft_of(case, kind="reply", person=0)
        assert draft is not None
        assert (draft.text, draft.to, beside(draft)) == ("はい。", "x@y.example", ["見積書.pdf"])


class TestBringingBack:
    """What was thrown away, or taken back from sending, comes back without a word or file of anybody's being lost."""

    WORDS: ClassVar[dict[str, str]] = {"text": "捨てた返信", "to": "x@y.example"}

    def back(self, case: Case, *, by: Actor, kind: str = "reply", files: list[File] | None = None) -> None:
        actions.bring_back(case, kind=kind, words=self.WORDS, files=files or [], by=by)

    def files_of(self, case: Case) -> list[tuple[str, str, list[str]]]:
        found = Draft.objects.filter(case=case).order_by("pk")
        return [(draft.kind, draft.text, beside(draft)) for draft in found]

    def test_what_one_wrote_since_stands(self, case: Case, agent: Actor) -> None:
        write(case, "新しい返信", by=agent, to="new@y.example")

        self.back(case, by=agent, files=[PLAN])

        assert self.files_of(case) == [("reply", "新しい返信", []), ("kept", "捨てた返信", ["見積書.pdf"])]
        assert [draft.to for draft in Draft.objects.order_by("pk")] == ["new@y.example", "x@y.example"]

    def test_what_a_colleague_wrote_since_stands(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        write(case, "同僚の返信", by=supervisor)
        actions.add_draft_file(case, File("a.txt", "text/plain", b"a"), by=supervisor)

        self.back(case, by=agent, files=[PLAN])

        assert self.files_of(case) == [
            ("reply", "同僚の返信", ["a.txt"]),
            ("kept", "捨てた返信", ["見積書.pdf"]),
        ]
        assert [draft.user_id for draft in Draft.objects.order_by("pk")] == [supervisor.id, agent.id]

    @pytest.mark.parametrize("text", ["", "捨てた返信に続けて"])
    def test_the_files_come_back_though_a_colleague_holds_the_answer(
        self, case: Case, agent: Actor, supervisor: Actor, text: str
    ) -> None:
        """Also where the words are in what the colleague writes by now, or where there were none."""
        actions.be_here(case, writing=True, by=supervisor)
        write(case, "捨てた返信に続けて", by=supervisor)

        actions.bring_back(case, kind="reply", words={"text": text[:5]}, files=[PLAN], by=agent)

        assert self.files_of(case) == [
            ("reply", "捨てた返信に続けて", []),
            ("kept", text[:5], ["見積書.pdf"]),
        ]

    def test_words_that_stand_there_come_back_once(self, case: Case, agent: Actor, supervisor: Actor) -> None:
        write(case, "捨てた返信に続けて", by=supervisor)

        self.back(case, by=agent)

        assert drafts(case) == [("reply", supervisor.id, "捨てた返信に続けて")]

    def test_more_files_than_fit_are_refused_and_nothing_changes(self, case: Case, agent: Actor) -> None:
        write(case, "新しい返信", by=agent)

        with pytest.raises(Refused):
            self.back(case, by=agent, files=[PLAN] * 21)

        assert self.files_of(case) == [("reply", "新しい返信", [])]

    @pytest.mark.parametrize(
        ("now", "then"),
        [
            ("", "捨てた返信"),
            ("捨てた", "捨てた返信"),
            ("捨てた返信と続き", "捨てた返信と続き"),
            ("別のメモ\n", "別のメモ\n\n捨てた返信"),
        ],
    )
    def test_a_note_is_written_beneath_what_stands_there(
        self, case: Case, agent: Actor, now: str, then: str
    ) -> None:
        write(case, now, kind="note", by=agent)

        self.back(case, by=agent, kind="note")

        assert drafts(case) == [("note", agent.id, then)]

    def test_what_was_thrown_away_is_said_as_it_was_then(self, case: Case, agent: Actor) -> None:
        write(case, "書きかけ", by=agent, to="a@x.example")
        actions.add_draft_file(case, PLAN, by=agent)
        kept = DraftFile.objects.get()

        thrown = actions.discard_draft(case, kind="reply", by=agent)

        words = {"text": "書きかけ", "to": "a@x.example", "cc": "", "bcc": ""}
        beside_it = [("見積書.pdf", "application/pdf", kept.sha256)]
        assert thrown == actions.Thrown("reply", words, beside_it)
        assert actions.discard_draft(case, kind="reply", by=agent) is None


class TestWhereTheCaseGoesOn:
    """Whoever had the case open when it was merged types on: the words are where the case goes on."""

    @pytest.fixture
    def other(self, world: World, case: Case, supervisor: Actor) -> Case:
        other = make_case(world.ours.entry_point)
        Case.objects.filter(pk=other.pk).update(customer=case.customer_id)
        actions.merge(Case.objects.get(pk=case.pk), into=other, by=supervisor)
        return other

    @pytest.mark.parametrize("kind", ["reply", "note", "kept"])
    def test_words_are_kept_there(self, case: Case, other: Case, agent: Actor, kind: str) -> None:
        write(case, "書きかけ", kind=kind, by=agent)

        assert drafts(case) == []
        assert drafts(other) == [(kind, agent.id, "書きかけ")]

    def test_files_are_put_there(self, case: Case, other: Case, agent: Actor) -> None:
        put = actions.add_draft_file(case, PLAN, by=agent)

        assert put.draft.case_id == other.pk
        actions.drop_draft_file(case, put.pk, by=agent)
        assert DraftFile.objects.count() == 0

    def test_what_was_kept_is_taken_up_there(self, case: Case, other: Case, agent: Actor) -> None:
        kept = write(other, "はい。", kind="kept", by=agent)
        assert kept is not None

        actions.take_up_kept(case, kept.pk, by=agent)

        assert drafts(other) == [("reply", agent.id, "はい。")]

    def test_who_may_not_write_there_writes_nowhere(
        self, world: World, case: Case, other: Case, agent: Actor
    ) -> None:
        actions.move_to_desk(other, to=make_desk(world.ours.company, name="修理窓口"), by=system("test"))

        with pytest.raises(NotAllowed):
            write(case, "書きかけ", by=agent)
        assert Draft.objects.count() == 0


@pytest.mark.parametrize("who", ["company_staff", "company_manager"])
def test_the_company_writes_none(world: World, case: Case, agent: Actor, who: str) -> None:
    actor = actor_of(getattr(world.ours, who))
    write(case, "お調べします。", by=agent)
    kept = write(case, "はい。", kind="kept", by=agent)
    assert kept is not None

    for kind in ("reply", "note", "kept"):
        with pytest.raises(NotAllowed):
            write(case, "急いで", kind=kind, by=actor)
    with pytest.raises(NotAllowed):
        actions.add_draft_file(case, PLAN, by=actor)
    with pytest.raises(NotAllowed):
        actions.take_up_kept(case, kept.pk, by=actor)

    assert drafts(case) == [("reply", agent.id, "お調べします。"), ("kept", agent.id, "はい。")]
    assert DraftFile.objects.count() == 0


deeds = st.lists(
    st.tuples(st.sampled_from(["write", "claim", "release", "take over", "discard", "leave"]), st.booleans()),
    max_size=14,
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deeds)
def test_whatever_two_do_each_finds_the_last_that_they_wrote(
    world: World, case: Case, agent: Actor, supervisor: Actor, done: list[tuple[str, bool]]
) -> None:
    fresh = make_case(world.ours.entry_point)
    last: dict[int, str] = {}
    for turn, (deed, second) in enumerate(done):
        by = supervisor if second else agent
        me = by.id or 0
        try:
            if deed == "write":
                last[me] = f"{turn}番目に{by.name}"
                write(fresh, last[me], by=by)
            elif deed == "discard":
                own = queries.draft_of(fresh, kind="reply", person=me)
                actions.discard_draft(fresh, kind="reply", by=by)
                if own is not None and own.user_id == me:
                    last.pop(me, None)
            elif deed == "leave":
                actions.leave(fresh, by=by)
            else:
                verbs = {"claim": actions.claim_reply, "release": actions.release_reply}
                verbs.get(deed, actions.take_over)(fresh, by=by)
        except (Conflict, NotAllowed):
            pass

    found = [(person, words) for _kind, person, words in drafts(fresh)]
    assert set(last.items()) <= set(found)
    assert len([kind for kind, _person, _words in drafts(fresh) if kind == "reply"]) <= 1
