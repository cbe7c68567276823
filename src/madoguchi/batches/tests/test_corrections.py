"""Writing to those who were told what an article no longer says: whom, in which words, once, and back again."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from madoguchi.batches.actions import cancel, start_corrections, undo, work
from madoguchi.batches.corrections import correct_row, count_owed, how_far, owed, to_correct, usual_words
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases.actions import change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, PendingAnswer, Status
from madoguchi.cases.policies import may_reply
from madoguchi.cases.queries import answerable
from madoguchi.customers.actions import Said, write_consent
from madoguchi.customers.models import Identity
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.bases import Told, note_bases, told_count
from madoguchi.delivery.models import ArticleBasis, Outgoing
from madoguchi.delivery.spoken import say_on_call, unsay
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind
from madoguchi.knowledge.actions import Said as SaidWords
from madoguchi.knowledge.actions import Settings, retire_article, say_wrong, translate_article
from madoguchi.knowledge.factories import approve, approved, rewrite
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.queries import shown_version
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import tick
from madoguchi.tasks.models import Task

pytestmark = pytest.mark.django_db(transaction=True)
WRONG, RIGHT = "返品は商品到着後8日以内にご連絡ください。", "返品は商品到着後14日以内にご連絡ください。"


@pytest.fixture
def approver(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def article(world: World, approver: Actor) -> Article:
    with world.ours.scope():
        return approved(world.ours.company, by=approver, title="返品の期限", body=WRONG)


def told(world: World, name: str, text: str, *, by: Actor) -> Case:
    """A case whose customer was told these words, which have left."""
    sender = Party(address=f"{name}@customer.example", name=f"{name} 様子")
    case = make_case(world.ours.entry_point, subject=f"{name}の返品", sender=sender)
    with world.ours.scope():
        outgoing = reply(case, Reply(text=text), by=by)
        Outgoing.objects.filter(pk=outgoing.pk).update(state=Outgoing.State.SENT)
        Message.objects.filter(pk=outgoing.message_id).update(sent_at=clock.now())
        note_bases(outgoing.message_id, at=clock.now())
    return case


@pytest.fixture
def cases(world: World, article: Article, agent: Actor, approver: Actor) -> list[Case]:
    """Three customers who were told what was wrong, and one who was told something else; then it is corrected."""
    found = [told(world, name, f"ご案内します。\n{WRONG}", by=agent) for name in ("misaki", "kenta", "yui")]
    told(world, "other", "在庫はございます。", by=agent)
    with world.ours.scope():
        rewrite(article, RIGHT, by=approver, corrects=True)
    return found


def proposed(article: Article) -> str:
    return usual_words(shown_version(article))


def left(article: Article, by: Actor) -> list[int]:
    return [one.message.case_id for one in to_correct(article, actor=by)]


def done(batch: Batch) -> list[tuple[int, str]]:
    return list(BatchRow.objects.filter(batch=batch).order_by("id").values_list("case", "state"))


def letters(case: Case) -> list[str]:
    return list(
        Message.objects.filter(case=case, author="staff").order_by("pk").values_list("text", flat=True)
    )


def test_each_gets_a_letter_with_the_old_words_marked_and_the_new_ones(world, article, cases, agent) -> None:
    with world.ours.scope():
        # given
        change_status(cases[1], to=Status.SOLVED, by=agent, without_words=True)
        assert left(article, agent) == [case.pk for case in cases]

        # when
        batch = start_corrections(
            article, words=proposed(article), cases=[cases[0].pk, cases[1].pk], by=agent
        )
        work(batch.pk, company=article.company_id)
        batch.refresh_from_db()

        # then
        assert (batch.state, done(batch)) == ("done", [(cases[0].pk, "done"), (cases[1].pk, "done")])
        assert letters(cases[0])[-1] == (
            "misaki 様子様\n\n先日「misakiの返品」の件でご案内した内容に誤りがございました。"
            "お詫びし、次のとおり訂正いたします。"
            f"\n\n【誤】\n> {WRONG}\n\n【正】\n{RIGHT}\n\n{world.ours.desk.public_name}"
        )
        outgoing = Outgoing.objects.get(message__case=cases[0], message__text=letters(cases[0])[-1])
        assert (outgoing.state, outgoing.due_at > clock.now()) == ("queued", True)  # it can be taken back
        assert Case.objects.get(pk=cases[0].pk).status == Status.WAITING_CUSTOMER
        assert Case.objects.get(pk=cases[1].pk).status == Status.SOLVED
        assert len(letters(cases[2])) == 1

        # then: nobody is written to twice
        assert left(article, agent) == [cases[2].pk]
        with pytest.raises(Refused):
            start_corrections(article, words=proposed(article), cases=[cases[0].pk], by=agent)


def test_each_stands_once_by_what_was_told_last_and_can_be_asked_for_alone(
    world, article, cases, agent, approver
) -> None:
    with world.ours.scope():
        # given: the first was told a second time, before it turned out wrong
        first = ArticleBasis.objects.get(message__case=cases[0])
        again = Message.objects.filter(case=cases[0], author="customer").get()
        last = ArticleBasis.objects.create(
            company_id=first.company_id, message=again, version=first.version, how="text", at=clock.now()
        )

        # then: the longest ago first
        assert [one.pk for one in to_correct(article, actor=agent)][-1] == last.pk
        assert left(article, agent) == [cases[1].pk, cases[2].pk, cases[0].pk]
        asked_for = to_correct(article, actor=agent, cases=[cases[0].pk, cases[1].pk, 0])
        assert [one.message.case_id for one in asked_for] == [cases[1].pk, cases[0].pk]
        assert list(to_correct(article, actor=agent, cases=[])) == []


def test_who_may_not_be_answered_is_left_out(world, article, cases, agent) -> None:
    with world.ours.scope():
        Case.objects.filter(pk=cases[0].pk).update(continued_in=cases[1])
        found = {case.pk for case in Case.objects.all() if may_reply(agent, case)}
        assert set(answerable(agent).values_list("pk", flat=True)) == found
        assert cases[0].pk not in found
        assert left(article, agent) == [cases[1].pk, cases[2].pk]


def test_one_row_asks_for_its_own_case_and_a_page_for_what_it_shows(world, article, cases, agent) -> None:
    with world.ours.scope():
        batch = start_corrections(
            article, words=proposed(article), cases=[case.pk for case in cases], by=agent
        )
        row = BatchRow.objects.filter(batch=batch).order_by("pk")[0]
        with CaptureQueriesContext(connection) as asked:
            assert correct_row(row, by=agent)["state"] == "done"
        [told] = [
            one["sql"] for one in asked if "NOT EXISTS" in one["sql"] and "batches_batchrow" in one["sql"]
        ]
        assert f"IN ({row.case_id})" in told
        assert told.endswith("LIMIT 1")

        BatchRow.objects.filter(pk=row.pk).update(state="done")
        cancel(batch, by=agent)
        with CaptureQueriesContext(connection) as asked:
            [shown] = to_correct(article, actor=agent)[:1]
            assert (shown.message.case_id, shown.version.body) == (cases[1].pk, WRONG)
            assert shown.message.case.company.prefix
        assert asked.captured_queries[-1]["sql"].endswith("LIMIT 1")
        assert shown.message.get_deferred_fields() == {"text", "new_text", "html", "pieces"}


def test_the_page_loads_the_letters_that_it_shows_and_counts_all(
    world, article, cases, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("madoguchi.desk.pages.corrections.MOST_AT_ONCE", 2)
    client.force_login(world.ours.agent, backend=settings.AUTHENTICATION_BACKENDS[0])
    url = reverse("desk:article_correct", args=[article.pk])

    # when
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url)

    # then
    [told] = [one["sql"] for one in asked if '"body"' in one["sql"] and "delivery_articlebasis" in one["sql"]]
    assert told.endswith("LIMIT 2")
    assert (page.context["count"], [row[0].message.case_id for row in page.context["rows"]]) == (
        3,
        [cases[0].pk, cases[1].pk],
    )
    assert f"&gt; {WRONG}" in page.text

    # when: one of them is left out, and the words change
    said = {"words": "{{new}}です", "shown": [case.pk for case in cases[:2]], "case": [cases[1].pk]}
    page = client.post(url, said | {"do": "review"})

    # then
    assert [(text, chosen) for _one, _number, text, chosen in page.context["rows"]] == [
        (f"{RIGHT}です", False),
        (f"{RIGHT}です", True),
    ]

    # when
    client.post(url, said | {"do": "send"})

    # then
    with world.ours.scope():
        assert list(BatchRow.objects.values_list("case", flat=True)) == [cases[1].pk]


def test_who_heard_the_new_words_in_another_answer_is_left_out(world, article, cases, agent) -> None:
    with world.ours.scope():
        outgoing = reply(cases[0], Reply(text=f"訂正します。\n{RIGHT}"), by=agent)
        note_bases(outgoing.message_id, at=clock.now())
        assert left(article, agent) == [cases[1].pk, cases[2].pk]


def test_who_hears_between_the_going_over_and_the_letter_gets_none(world, article, cases, agent) -> None:
    with world.ours.scope():
        batch = start_corrections(
            article, words=proposed(article), cases=[case.pk for case in cases], by=agent
        )
        outgoing = reply(cases[0], Reply(text=f"訂正します。\n{RIGHT}"), by=agent)
        note_bases(outgoing.message_id, at=clock.now())
        work(batch.pk, company=article.company_id)
        assert [state for _case, state in done(batch)] == ["same", "done", "done"]
        assert len(letters(cases[0])) == 2


def test_all_of_it_can_be_taken_back_before_it_leaves(world, article, cases, agent) -> None:
    with world.ours.scope():
        # given
        batch = start_corrections(
            article, words=proposed(article), cases=[case.pk for case in cases], by=agent
        )
        work(batch.pk, company=article.company_id)
        last = Outgoing.objects.filter(message__case=cases[2]).order_by("-pk")[0]
        Outgoing.objects.filter(pk=last.pk).update(state=Outgoing.State.SENT)

        # when
        undo(batch, by=agent)
        work(batch.pk, company=article.company_id)

        # then
        assert [state for _case, state in done(batch)] == ["undone", "undone", "kept"]
        assert Outgoing.objects.filter(state="cancelled").count() == 2
        assert left(article, agent) == [cases[0].pk, cases[1].pk]


def test_stopped_it_writes_to_nobody_more_and_they_are_still_to_hear(world, article, cases, agent) -> None:
    with world.ours.scope():
        batch = start_corrections(
            article, words=proposed(article), cases=[case.pk for case in cases], by=agent
        )
        assert left(article, agent) == []
        cancel(batch, by=agent)
        work(batch.pk, company=article.company_id)
        assert [len(letters(case)) for case in cases] == [1, 1, 1]
        assert left(article, agent) == [case.pk for case in cases]


def test_where_the_desk_wants_approval_each_waits_for_it(world, article, cases, agent) -> None:
    with world.ours.scope():
        desk = world.ours.desk
        desk.approval = "everyone"
        desk.save()
        batch = start_corrections(article, words=proposed(article), cases=[cases[0].pk], by=agent)
        work(batch.pk, company=article.company_id)
        [waits] = PendingAnswer.objects.all()
        assert (waits.state, waits.case_id, len(letters(cases[0]))) == ("awaiting", cases[0].pk, 1)
        undo(batch, by=agent)
        work(batch.pk, company=article.company_id)
        assert done(batch) == [(cases[0].pk, "undone")]


@pytest.mark.parametrize("words", ["", "  ", "お詫びします。", "あ" * 5_001 + "{{new}}"])
def test_a_letter_without_what_is_right_is_refused(world, article, cases, agent, words) -> None:
    with world.ours.scope(), pytest.raises(Refused) as refused:
        start_corrections(article, words=words, cases=[cases[0].pk], by=agent)
    assert refused.value.field == "words"
    with world.ours.scope():
        assert not Batch.objects.exists()


def test_only_who_answers_writes_and_nobody_of_another_company(world, article, cases, agent) -> None:
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            start_corrections(
                article,
                words=proposed(article),
                cases=[cases[0].pk],
                by=actor_of(world.ours.company_staff),
            )
        assert left(article, actor_of(world.ours.company_staff)) == []
        assert left(article, actor_of(world.theirs.agent)) == []
        assert not Batch.objects.exists()


def test_what_was_wrong_and_is_out_of_use_is_put_right_in_the_writers_own_words(
    world, article, cases, agent, approver
) -> None:
    with world.ours.scope():
        # given: no words are in force that could stand there
        retire_article(article, by=approver)
        with pytest.raises(Refused):
            start_corrections(article, words="{{new}}", cases=[cases[0].pk], by=agent)
        assert not Batch.objects.exists()

        # when
        batch = start_corrections(article, words=usual_words(None), cases=[cases[0].pk], by=agent)
        work(batch.pk, company=article.company_id)

        # then
        assert f"【誤】\n> {WRONG}\n" in letters(cases[0])[-1]
        assert "{{" not in letters(cases[0])[-1]
        assert left(article, agent) == [cases[1].pk, cases[2].pk]


def test_who_was_told_right_is_left_in_peace(world, article, agent, approver) -> None:
    with world.ours.scope():
        # given: version 1 was right, 2 was wrong, 3 says again what 1 said
        right = told(world, "right", WRONG, by=agent)
        rewrite(article, RIGHT, by=approver)
        wrong = told(world, "wrong", RIGHT, by=agent)

        # when
        rewrite(article, f"{WRONG}です。", by=approver, corrects=True)

        # then
        assert right.pk != wrong.pk
        assert left(article, agent) == [wrong.pk]
        assert list(article.versions.exclude(wrong_at=None).values_list("number", flat=True)) == [2]


def test_what_is_said_to_be_wrong_stops_at_once_with_its_translations(
    world, article, agent, approver
) -> None:
    with world.ours.scope():
        # given: its translation was told, too
        case = told(world, "misaki", WRONG, by=agent)
        words = SaidWords("Returns", "Within 8 days of arrival, please.")
        english = translate_article(article, words, Settings(language="en"), by=approver)
        approve(english, by=approver)
        other = told(world, "john", "Within 8 days of arrival, please.", by=agent)
        assert told_count(article, 1) == Told(answers=2, cases=2)
        assert owed(agent) == []

        # when
        with pytest.raises(NotAllowed):
            say_wrong(article, 1, by=agent)
        assert shown_version(article) is not None
        assert (say_wrong(article, 1, by=approver), say_wrong(article, 1, by=approver)) == ([1], [])

        # then
        assert (shown_version(article), shown_version(english)) == (None, None)
        assert (left(article, agent), left(english, agent)) == ([case.pk], [other.pk])
        assert [(one.article, one.mine, one.others) for one in owed(agent)] == [
            (article, 1, 0),
            (english, 1, 0),
        ]
        assert (count_owed(agent), count_owed(approver)) == (2, 0)
        assert [(one.mine, one.others) for one in owed(approver)] == [(0, 1), (0, 1)]
        assert owed(actor_of(world.theirs.agent)) == []


def test_who_does_not_want_to_be_written_to_gets_no_letter(world, article, cases, agent) -> None:
    with world.ours.scope():
        said = Said(purpose="matter", ways=("email",), given=False, how="phone")
        write_consent(cases[0].customer, said, by=agent)
        batch = start_corrections(
            article, words=proposed(article), cases=[cases[0].pk, cases[1].pk], by=agent
        )
        work(batch.pk, company=article.company_id)

        assert done(batch) == [(cases[0].pk, "refused"), (cases[1].pk, "done")]
        assert (len(letters(cases[0])), len(letters(cases[1]))) == (1, 2)


def test_who_approves_stops_what_was_wrong_once_they_saw_how_many_were_told(
    world, article, agent, client: Client
) -> None:
    # given
    with world.ours.scope():
        told(world, "misaki", WRONG, by=agent)
    stop, owing = reverse("desk:article_wrong", args=[article.pk, 1]), reverse("desk:articles_owing")
    client.force_login(world.ours.agent, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert client.post(stop).status_code == 403

    # when
    client.force_login(world.ours.company_manager, backend=settings.AUTHENTICATION_BACKENDS[0])
    asked = client.get(stop)
    with world.ours.scope():
        assert shown_version(article) is not None
    done = client.post(stop)

    # then
    assert asked.context["told"] == Told(answers=1, cases=1)
    assert (done.status_code, done["Location"]) == (302, owing)
    with world.ours.scope():
        assert shown_version(article) is None

    # then: whoever may write to them is told in the rail, and led there
    client.force_login(world.ours.agent, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = client.get(owing)
    assert (page.context["owed"], [(one.mine, one.others) for one in page.context["rows"]]) == (1, [(1, 0)])
    assert reverse("desk:article_correct", args=[article.pk]) in page.text
    assert client.get(reverse("desk:article_correct", args=[article.pk])).context["count"] == 1


def test_a_letter_that_nobody_reads_or_that_reaches_nobody_is_told_and_is_still_to_be_written(
    world, article, cases, agent
) -> None:
    with world.ours.scope():
        # given
        chosen = [case.pk for case in cases]
        batch = start_corrections(article, words=proposed(article), cases=chosen, by=agent)
        work(batch.pk, company=article.company_id)
        rows = list(BatchRow.objects.filter(batch=batch).order_by("pk"))
        assert (how_far(rows), left(article, agent)) == ({}, [])

        # when: one waits in a chat that nobody opens, and one comes back
        first, second, _third = (Outgoing.objects.filter(pk=row.before["outgoing"]) for row in rows)
        first.update(channel="chat", due_at=clock.now())
        second.update(state=Outgoing.State.FAILED)

        # then
        with translation.override("en"):
            assert how_far(rows) == {
                rows[0].pk: "Nobody has read it in the chat yet.",
                rows[1].pk: "It reached nobody.",
            }
        assert left(article, agent) == [cases[1].pk]


def test_who_was_told_on_the_phone_is_called_or_written_to_where_they_have_an_address(
    world, article, agent, approver
) -> None:
    with world.ours.scope():
        # given: two callers who were told by voice; of one a mail address is known
        called, known = make_case(world.ours.entry_point), make_case(world.ours.entry_point)
        said = Message.objects.filter(case__in=[called, known])
        said.update(channel=Channel.PHONE, sender_address="")
        Identity.objects.filter(customer=called.customer_id).update(
            kind=IdentityKind.PHONE, value="+81312345678"
        )
        version = shown_version(article)
        assert version is not None
        for case in (called, known, known):
            say_on_call(case, version.pk, by=agent)
        assert not unsay(called, version.pk + 1, by=agent)
        rewrite(article, RIGHT, by=approver, corrects=True)
        assert left(article, agent) == [called.pk, known.pk]

        # when
        batch = start_corrections(article, words=proposed(article), cases=[called.pk, known.pk], by=agent)
        work(batch.pk, company=article.company_id)

        # then
        assert done(batch) == [(called.pk, "done"), (known.pk, "done")]
        task = Task.objects.get(case=called)
        assert task.title == "お電話で訂正する: 返品の期限"
        assert RIGHT in called.notes.get().text
        assert (letters(called), len(letters(known))) == ([], 1)
        row = BatchRow.objects.get(batch=batch, case=called)
        assert how_far([row]) == {row.pk: "お電話での訂正待ちです（タスクが未完了です）。"}
        assert left(article, agent) == []
        tick(task, done=True, by=agent)
        assert how_far([row]) == {}
        tick(task, done=False, by=agent)

        # when: it is undone, the caller is still to hear
        undo(batch, by=agent)
        work(batch.pk, company=article.company_id)

        # then
        assert Task.objects.get(pk=task.pk).removed_at is not None
        assert called.pk in left(article, agent)
