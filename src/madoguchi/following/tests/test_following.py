"""Who is told of what: named, made responsible, following; and who is not, any more."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.actions import add_note, assign, change_status, merge, move_to_desk, set_tags
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, PendingAnswer, Status
from madoguchi.companies.factories import make_desk, make_engagement, make_operator
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import Reply, approve, give_back, hold_answers, reply, submit, withdraw
from madoguchi.delivery.events import MessageBounced, MessageFailed
from madoguchi.escalations.actions import Question, Whom, ask, pass_on
from madoguchi.escalations.models import Escalation
from madoguchi.following.actions import follow, mark_all_read, mark_read, notify, unfollow, wish
from madoguchi.following.models import Follow, Letter, Notification
from madoguchi.following.queries import COUNT_TO, followers_of, notifications_of, unread_count
from madoguchi.following.wording import mail_of
from madoguchi.infra import scope
from madoguchi.infra.event_log import Cursor, read_after, record
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import OperatorMember, Seat, User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
MISAKI = Party("misaki@home.example", "髙橋 美咲")


@pytest.fixture
def case(world: World) -> Case:
    made = make_case(world.ours.entry_point, sender=MISAKI)
    enrol()
    return made


def told(user: User) -> list[tuple[str, str, str]]:
    """What somebody is told, the newest first: of which kind, why, and by whom."""
    catch_up("following.notify")
    actor = actor_of(user)
    with scope.acting_for(actor.companies):
        found = notifications_of(actor).notifications
    return [(one.kind, one.why, one.who) for one in found]


def rows() -> list[Notification]:
    with scope.everywhere(reason="a test looks at what is there"):
        return list(Notification.objects.order_by("pk"))


class TestTold:
    def test_who_is_named_or_made_responsible_without_following(
        self, world: World, case: Case, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            add_note(case, text="@青木さん、お願いします", by=supervisor)
            assign(case, to=world.ours.agent.pk, by=supervisor)

        assert told(world.ours.agent) == [
            ("case.assigned", "assigned", "森 美咲"),
            ("note.added", "mentioned", "森 美咲"),
        ]
        assert told(world.ours.supervisor) == []

    def test_who_is_thanked_by_name_hears_and_so_do_the_seniors(self, world: World, case: Case) -> None:
        say_again(case, text="青木さんの丁寧なご対応に感謝しております。")
        assert told(world.ours.agent) == [("message.received", "mentioned", "")]
        assert told(world.ours.supervisor) == [("message.received", "signal", "")]
        assert told(world.ours.company_staff) == told(world.theirs.agent) == []

        make_case(world.ours.entry_point, sender=MISAKI, text="森さんのご説明のおかげで助かりました。")
        assert told(world.ours.supervisor)[0] == ("case.opened", "mentioned", "")
        assert len(told(world.ours.agent)) == 1

        say_again(case, text="青木様\nご対応ありがとうございます。")
        with clock.held_at(clock.now() - 3 * DAY):
            say_again(case, text="青木さんの丁寧なご対応に感謝しております。")
        assert len(told(world.ours.agent)) == 1

    def test_seniors_hear_of_a_customer_who_is_passed_on_again(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        side = world.ours
        second, third = (make_operator_person(side.operator, seats=(side.engagement,)) for _ in range(2))
        senior = make_operator_person(side.operator, role="supervisor", seats=(side.engagement,))
        with side.scope():
            assign(case, to=world.ours.agent.pk, by=agent)
            assign(case, to=second.pk, by=supervisor)
        assert told(senior) == []
        with side.scope():
            assign(case, to=third.pk, by=supervisor)
            set_tags(case, to=["返品"], by=supervisor)

        assert told(senior) == [("case.assigned", "signal", "森 美咲")]
        assert told(third) == [("case.assigned", "assigned", "森 美咲")]
        assert told(world.ours.supervisor) == []

    def test_seniors_of_the_desk_to_which_it_is_passed_on_hear_of_it(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        side = world.ours
        desk = make_desk(side.company)
        there = make_engagement(side.operator, desk)
        senior = make_operator_person(side.operator, role="supervisor", seats=(there,))
        second = make_operator_person(side.operator, seats=(side.engagement,))
        with side.scope():
            assign(case, to=world.ours.agent.pk, by=agent)
            assign(case, to=second.pk, by=supervisor)
            move_to_desk(case, to=desk, by=supervisor)

        assert told(senior) == [("case.changed", "signal", "森 美咲")]

    def test_each_of_a_desk_that_is_named_but_the_writer(
        self, world: World, case: Case, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            add_note(case, text=f"@{world.ours.desk.name} 値札を確認してください", by=supervisor)

        mention = [("note.added", "mentioned", "森 美咲")]
        assert told(world.ours.agent) == told(world.ours.manager) == mention
        assert told(world.ours.supervisor) == []

    def test_followers_hear_of_the_customer_notes_and_status_but_not_of_themselves(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            follow(case, by=agent)
            add_note(case, text="確認中です", by=agent)
            add_note(case, text="了解です", by=supervisor)
            change_status(case, to=Status.SOLVED, by=system("test"))
        say_again(case, text="まだでしょうか")

        assert told(world.ours.agent) == [
            ("message.received", "followed", ""),
            ("case.status", "followed", ""),
            ("note.added", "followed", "森 美咲"),
        ]

    def test_whoever_leaves_the_case_hears_no_more(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            assert follow(case, by=agent)
            assert not follow(case, by=agent)
            assert unfollow(case, by=agent)
            assert not unfollow(case, by=agent)
        say_again(case, text="まだでしょうか")

        assert told(world.ours.agent) == []
        with scope.everywhere(reason="a test looks at the log"):
            kinds = (
                Event.objects.filter(kind__endswith="followed").order_by("id").values_list("kind", flat=True)
            )
            assert list(kinds) == ["case.followed", "case.unfollowed"]

    def test_once_however_often_the_event_is_handled(
        self, world: World, case: Case, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            add_note(case, text="@青木さん", by=supervisor)
        with world.ours.scope():
            event = next(one for one in read_after(Cursor(), most=1000) if one.kind == "note.added")
            assert notify(event) == notify(event) == [world.ours.agent.pk]

        assert [(one.user_id, one.event) for one in rows()] == [(world.ours.agent.pk, event.id)]

    def test_a_case_that_went_on_in_another_one_is_followed_there(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        second = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            follow(second, by=agent)
            merge(second, into=case, by=supervisor)
            add_note(Case.objects.get(pk=case.pk), text="一つにしました", by=supervisor)

        assert told(world.ours.agent)[0] == ("note.added", "followed", "森 美咲")


class TestApproval:
    @pytest.fixture
    def asked(self, world: World, case: Case, agent: Actor) -> PendingAnswer:
        with world.ours.scope():
            Desk.objects.filter(pk=world.ours.desk.pk).update(approval="everyone")
            waits = submit(Case.objects.get(pk=case.pk), Reply(text="返金いたします。"), by=agent)
        assert isinstance(waits, PendingAnswer)
        return waits

    def test_the_desks_seniors_are_asked_and_nobody_else(self, world: World, asked: PendingAnswer) -> None:
        assert told(world.ours.supervisor) == [("answer.approval_asked", "asked", "青木 翔")]
        for other in (
            world.ours.agent,
            world.ours.manager,
            world.ours.company_staff,
            world.theirs.supervisor,
        ):
            assert told(other) == []

    def test_where_no_supervisor_works_the_managers_are(
        self, world: World, case: Case, asked: PendingAnswer
    ) -> None:
        with world.ours.scope():
            User.objects.filter(pk=world.ours.supervisor.pk).update(is_active=False)

        assert told(world.ours.manager) == [("answer.approval_asked", "asked", "青木 翔")]

    def test_the_writer_is_told_of_a_return_and_followers_are_not(
        self, world: World, case: Case, asked: PendingAnswer, supervisor: Actor
    ) -> None:
        manager = actor_of(world.ours.manager)
        with world.ours.scope():
            follow(case, by=manager)
            give_back(asked.pk, comment="金額を書いてください。", by=supervisor)

        assert told(world.ours.agent) == [("answer.returned", "wrote", "森 美咲")]
        assert [why for kind, why, _who in told(world.ours.manager) if kind.startswith("answer.")] == []

    def test_the_writer_is_told_of_an_approval_and_nobody_is_asked_any_more(
        self, world: World, asked: PendingAnswer, supervisor: Actor
    ) -> None:
        assert len(told(world.ours.supervisor)) == 1
        assert [one.read_at for one in rows()] == [None]
        with world.ours.scope():
            approve(asked.pk, by=supervisor)

        assert ("answer.approved", "wrote", "森 美咲") in told(world.ours.agent)
        assert [one.read_at is None for one in rows() if one.why == "asked"] == [False]

    def test_what_was_taken_back_asks_nobody_any_more(
        self, world: World, asked: PendingAnswer, agent: Actor
    ) -> None:
        told(world.ours.supervisor)
        with world.ours.scope():
            withdraw(asked.pk, by=agent)

        assert told(world.ours.agent) == []
        assert [one.read_at is None for one in rows()] == [False]

    def test_the_writer_is_told_that_it_was_held(
        self, world: World, case: Case, asked: PendingAnswer
    ) -> None:
        with world.ours.scope():
            hold_answers(case.pk, why="customer_wrote")

        assert told(world.ours.agent) == [("answer.held", "wrote", "")]


class TestWhatDidNotArrive:
    @pytest.mark.parametrize("fact", [MessageBounced, MessageFailed])
    def test_its_writer_and_who_is_responsible_are_told_and_no_other(
        self,
        world: World,
        case: Case,
        agent: Actor,
        supervisor: Actor,
        fact: type[MessageBounced | MessageFailed],
    ) -> None:
        with world.ours.scope():
            assign(case, to=supervisor.id, by=supervisor)
            message = reply(case, Reply(text="はい。"), by=agent).message_id
        told(world.ours.supervisor)
        with scope.everywhere(reason="a test begins from here"):
            Notification.objects.all().delete()
        why = {"status": "5.1.1"} if fact is MessageBounced else {"response": "550 unknown"}
        with world.ours.scope():
            record(fact(**case.where, message=message, **why), by=system("delivery"))

        for person in (world.ours.agent, world.ours.supervisor):
            assert told(person) == [(fact.kind, "wrote", "")]
        assert told(world.ours.manager) == []


class TestSight:
    def test_who_lost_the_case_is_told_nothing_new_and_sees_none_of_the_old(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            follow(case, by=agent)
            add_note(case, text="@青木さん", by=supervisor)
        assert len(told(world.ours.agent)) == 1
        elsewhere = make_engagement(world.ours.operator, make_desk(world.ours.company))
        with world.ours.scope():
            Seat.objects.filter(member__user=world.ours.agent).update(engagement=elsewhere)
            add_note(case, text="了解です", by=supervisor)

        assert told(world.ours.agent) == []
        assert len(rows()) == 1
        with world.ours.scope():
            assert unread_count(actor_of(world.ours.agent)) == 0

    def test_who_is_locked_out_is_told_nothing(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            follow(case, by=agent)
            User.objects.filter(pk=world.ours.agent.pk).update(is_active=False)
            add_note(case, text="了解です", by=supervisor)
        catch_up("following.notify")

        assert rows() == []

    def test_a_company_that_must_not_direct_them_follows_nothing_and_learns_no_follower(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        company = actor_of(world.ours.company_staff)
        with world.ours.scope():
            follow(case, by=agent)
            with pytest.raises(NotAllowed):
                follow(case, by=company)
            with pytest.raises(NotAllowed):
                followers_of(case, actor=company)
            assert followers_of(case, actor=supervisor).others == ["青木 翔"]
            assert Follow.objects.count() == 1

    def test_a_strangers_case_is_not_followed(self, world: World, case: Case) -> None:
        with world.ours.scope(), pytest.raises(NotAllowed):
            follow(case, by=actor_of(world.theirs.agent))
        with scope.everywhere(reason="a test looks at what is there"):
            assert not Follow.objects.exists()


class TestWishes:
    def test_what_one_wrote_in_or_is_named_in_is_followed_if_one_wished_so(
        self, world: World, case: Case, agent: Actor, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            wish(by=agent, follows_own=True, in_browser=False)
            add_note(case, text="@青木さん", by=supervisor)
        told(world.ours.agent)

        with world.ours.scope():
            assert followers_of(case, actor=agent).mine
            assert not followers_of(case, actor=supervisor).mine
            unfollow(case, by=agent)
            add_note(case, text="了解です", by=agent)
        told(world.ours.agent)
        with world.ours.scope():
            assert not followers_of(case, actor=agent).mine


class TestReading:
    @pytest.fixture
    def many(self, world: World, case: Case) -> None:
        with world.ours.scope():
            Notification.objects.bulk_create(
                Notification(
                    company=world.ours.company,
                    user=world.ours.agent,
                    case=case,
                    event=number,
                    kind="message.received",
                    why="followed",
                    at=case.opened_at,
                )
                for number in range(COUNT_TO + 20)
            )

    def test_pages_and_counting_that_ends(self, world: World, agent: Actor, many: None) -> None:
        with world.ours.scope():
            assert unread_count(agent) == COUNT_TO + 1
            first = notifications_of(agent, size=60)
            rest = notifications_of(agent, before=first.next, size=60)
        events = [one.event for one in (*first.notifications, *rest.notifications)]
        assert events == list(range(COUNT_TO + 20))[::-1]
        assert rest.next is None

    def test_read_unread_and_all(self, world: World, agent: Actor, supervisor: Actor, many: None) -> None:
        with world.ours.scope():
            one = notifications_of(agent).notifications[:1]
            assert mark_read(one, by=supervisor) == 0
            assert (mark_read(one, by=agent), mark_read(one, by=agent)) == (1, 0)
            assert mark_read(one, by=agent, read=False) == 1
            assert mark_all_read(by=supervisor) == 0
            assert mark_all_read(by=agent) == COUNT_TO + 20
            assert unread_count(agent) == 0


def test_somebody_of_two_companies_hears_from_both(world: World, case: Case) -> None:
    theirs = make_case(world.theirs.entry_point)
    member = OperatorMember.objects.create(
        user=world.ours.supervisor, operator=world.theirs.operator, role="manager"
    )
    both = actor_of(member.user)
    with scope.acting_for(both.companies):
        follow(case, by=both)
        follow(theirs, by=both)
    say_again(case, text="一")
    say_again(theirs, text="二")

    assert len(told(world.ours.supervisor)) == 2


class TestAskedAtAnotherDesk:
    @pytest.fixture
    def elsewhere(self, world: World) -> tuple[Desk, list[User]]:
        """Another desk of the company, and two people of another operator who work there and not at the case's."""
        with world.ours.scope():
            desk = make_desk(world.ours.company, name="技術窓口")
            seat = make_engagement(make_operator(name="技術受託"), desk)
            return desk, [make_operator_person(seat.operator, seats=(seat,)) for _person in range(2)]

    def asked(self, world: World, case: Case, desk: Desk) -> Escalation:
        question = Question(question="保証は延ばせますか。", cause="knowledge", due_at=clock.now() + DAY)
        with world.ours.scope():
            return ask(case, Whom(to="desk", desk=desk.pk), question, by=actor_of(world.ours.agent))

    def test_everybody_there_hears_of_the_question_and_of_nothing_else(
        self, world: World, case: Case, elsewhere: tuple[Desk, list[User]]
    ) -> None:
        desk, people = elsewhere
        one = self.asked(world, case, desk)
        for user in people:
            assert told(user) == [("escalation.asked", "question", world.ours.agent.name)]
        assert (told(world.ours.supervisor), told(world.theirs.agent)) == ([], [])
        with world.ours.scope():
            add_note(case, text="続き", by=actor_of(world.ours.agent))
        assert len(told(people[0])) == 1

        browser = Client()
        browser.force_login(people[0])
        [line] = rows()[:1]
        page = browser.get("/notifications/").text
        assert (case.spoken_number(world.ours.company.prefix) in page, case.subject in page) == (True, False)
        assert browser.get("/notifications/bell/").text.count("1") >= 1
        assert browser.get(f"/notifications/{line.pk}/").headers["Location"] == f"/escalations/{one.pk}/"
        assert browser.get(f"/escalations/{one.pk}/").status_code == 200
        assert browser.get(f"/cases/{case.spoken_number(world.ours.company.prefix)}/").status_code == 404

    def test_passed_on_to_others_it_is_theirs_no_more(
        self, world: World, case: Case, elsewhere: tuple[Desk, list[User]]
    ) -> None:
        desk, people = elsewhere
        one = self.asked(world, case, desk)
        assert len(told(people[0])) == 1
        with world.ours.scope():
            pass_on(one, Whom(to="seniors"), by=actor_of(world.ours.agent))
        assert told(people[0]) == []
        assert [kind for kind, _why, _who in told(world.ours.supervisor)] == ["escalation.passed_on"]

    def test_who_works_at_both_desks_is_led_to_the_case(
        self, world: World, case: Case, elsewhere: tuple[Desk, list[User]]
    ) -> None:
        desk, _people = elsewhere
        with world.ours.scope():
            both = make_operator_person(
                world.ours.operator, seats=(world.ours.engagement, make_engagement(world.ours.operator, desk))
            )
        self.asked(world, case, desk)
        assert len(told(both)) == 1
        assert [one.question_id for one in rows() if one.user_id == both.pk] == [None]

    def test_its_mail_leads_to_the_question(
        self, world: World, case: Case, elsewhere: tuple[Desk, list[User]]
    ) -> None:
        desk, people = elsewhere
        one = self.asked(world, case, desk)
        assert len(told(people[0])) == 1
        letter = Letter(user=people[0], created_at=clock.now(), due_at=clock.now())
        with world.ours.scope():
            found = list(Notification.objects.filter(user=people[0]).select_related("case__company"))
            mail = mail_of(letter, found)
        assert f"/escalations/{one.pk}/" in mail.body
        assert ("/cases/" in mail.body, case.subject in mail.body) == (False, False)
