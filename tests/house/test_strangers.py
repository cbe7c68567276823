"""Another company's people find nothing behind any address of ours, and change nothing by trying."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, path

from madoguchi.batches.actions import start
from madoguchi.bot.models import Turn
from madoguchi.cases.actions import add_draft_file, link, merge, save_draft, split
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case, Message, PendingAnswer, PendingFile
from madoguchi.cases.reading_models import ReadingAlarm
from madoguchi.channels.email.actions import make_dkim_key
from madoguchi.channels.email.models import Mailbox, SentMail, SmtpServer
from madoguchi.channels.phone.sounds import as_wav
from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import (
    make_campaign,
    make_fit,
    make_media_event,
    make_subscription,
    make_symptom,
    make_variant,
    order_of,
)
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.models import Order
from madoguchi.commerce.parcels import make_parcel
from madoguchi.commerce.pieces import keep_pieces
from madoguchi.commerce.returning import ask_return
from madoguchi.commerce.solicitations import keep_solicitation
from madoguchi.complaints.actions import Written as Complained
from madoguchi.complaints.actions import make_complaint
from madoguchi.customers.actions import join_customers
from madoguchi.customers.factories import make_customer
from madoguchi.delivery.actions import Reply, reply, submit
from madoguchi.escalations.actions import Question, Whom, ask
from madoguchi.escalations.slips import Written, make_slip
from madoguchi.exports.actions import export_list
from madoguchi.exports.lists import Wanted as Listed
from madoguchi.feedback.actions import give_briefing
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.following.models import Notification
from madoguchi.gaps.models import Gap, Rehearsal, Search
from madoguchi.imports.actions.uploading import upload
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import SenderRule
from madoguchi.intake.senders import rule_sender
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import File, Party
from madoguchi.knowledge.actions import set_policy
from madoguchi.knowledge.factories import add_picture, make_article
from madoguchi.knowledge.models import Contradiction, ReplyTemplate
from madoguchi.macros.actions import add_macro, change_macro, run_macro
from madoguchi.people.access import requires
from madoguchi.people.actions import make_token
from madoguchi.people.factories import Side, World
from madoguchi.people.models import OperatorMember, User
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels
from madoguchi.promises.keeping import Told, make_promise
from madoguchi.promises.notices import draft_notice
from madoguchi.reservations.actions import book, hold
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.rights.factories import asked_for
from madoguchi.rules.actions import add_rule
from madoguchi.shield import caring, marking
from madoguchi.shield.models import Suggestion
from madoguchi.signals.actions import Seen, raise_signal
from madoguchi.signals.models import Grave, Incident, Instruction
from madoguchi.storefronts.factories import make_storefront
from madoguchi.tasks.actions import Wanted, add_task
from madoguchi.tasks.planning import add_plan
from madoguchi.views.actions import add_view
from madoguchi.views.models import SavedView
from madoguchi.voice.announcements import add_announcement
from madoguchi.voice.outside_contacts import add_contact
from madoguchi.webhooks.factories import make_webhook
from tests import rows
from tests.house.test_doors_are_guarded import patterns

pytestmark = pytest.mark.django_db
NOTHING_HERE = (403, 404, 405)
# By a signed link, or once the company has opened it to everybody: their own tests try them.
OPEN_TO_STRANGERS = (
    "article/",
    "form/",
    "calls/",
    "chat/",
    "conduct/",
    "my/",
    "handed/",
    "file/",
    "help/",
    "line-link/",
    "line/",
    "own-data/",
    "quiet/",
    "shop/",
    "slip/",
)
Ours = dict[str, object]
_LEVELS = '{"calendar": {"week": {"mon": "09:00-18:00"}}, "targets": {"first_reply": 60}}'
_RULE = {"name": "新着", "trigger": "event", "kinds": ["case.opened"], "filter": {"version": 1, "all": []}}
_TAGGING = [{"do": "tag", "value": "返品"}]
MISAKI = Party("misaki@home.example", "髙橋 美咲")


def furnish(world: World) -> dict[str, Ours]:
    """One of everything that has an address, in our company; by the address's first word."""
    side = world.ours
    agent = actor_of(side.agent)
    case = make_case(side.entry_point, sender=MISAKI, files=(File("写真.png", "image/png", b"\x89PNG"),))
    twin = make_case(side.entry_point, sender=MISAKI)
    stored = _received(b"no sender at all", world)
    handle(stored, company=side.company.pk)
    kept_out = _received(b"From: a@spam.example\r\n\r\n", world)
    lead = actor_of(side.supervisor)
    with side.scope():
        number = case.spoken_number(side.company.prefix)
        outgoing = reply(case, Reply(text="はい。"), by=agent)
        later = Reply(text="明朝お送りします。", files=(File("見積.txt", "text/plain", b"1,000"),))
        waits = submit(case, later, at=clock.now() + timedelta(days=1), by=agent)
        assert isinstance(waits, PendingAnswer)
        leaves = PendingFile.objects.get(answer=waits)
        save_draft(case, kind="reply", text="書きかけ", by=agent)
        kept = save_draft(case, kind="kept", text="別の言葉", by=agent)
        assert kept is not None
        merged = merge(twin, into=case, by=agent)
        parted = split(case, messages=merged.moved["messages"], by=agent)
        file = add_draft_file(case, File("a.txt", "text/plain", b"a"), by=agent)
        template = ReplyTemplate.objects.create(
            company=side.company, name="お礼", body="ありがとうございます"
        )
        message = Message.objects.filter(case=case, author="customer").earliest("id")
        everything = {"version": 1, "all": []}
        shared = SavedView.Audience.DESK
        view = add_view(
            side.company, audience=shared, desk=side.desk, name="全件", filter=everything, by=lead
        )
        attachment = Attachment.objects.get(message=message)
        joined = join_customers(make_customer(side.company), into=case.customer, by=agent)
        batch = start([case.pk], verb="priority", value="4", by=agent)
        export = export_list(Listed(), company=case.company_id, called="x", columns=["number"], by=lead)
    of_case = {"number": number, "kind": "reply", "draft": kept.pk, "file": file.pk, "template": template.pk}
    return {
        **_beside(side, case, agent, of_case),
        "joins": {"join": joined.pk},
        "merges": {"merge": merged.pk},
        "splits": {"split": parted.pk},
        "views": {"pk": view.pk},
        "batches": {"pk": batch.pk},
        "exports": {"pk": export.pk},
        "outgoing": {"outgoing": outgoing.pk},
        "pending": {"answer": waits.pk},
        "pending-files": {"file": leaves.pk, "name": "見積.txt"},
        "attachments": {"attachment": attachment.pk, "name": "写真.png"},
        "messages": {"message": message.pk},
        "administration/announcements": _announced(side),
        "administration/contacts": _contact(side),
        "administration/templates": {"pk": template.pk, "number": 1, "act": "drop"},
        "administration/quarantine": {"pk": stored},
        "administration/spam": {"pk": kept_out},
        **_bought(side, case, agent),
        **_helpers(side, case, lead),
        **_settings(side, lead),
    }


def _beside(side: Side, case: Case, agent: Actor, of_case: Ours) -> dict[str, Ours]:
    """What stands beside a case: links, tasks, promises, articles, fields of the desk."""
    with side.scope():
        tied = link(case, role="parent", other=make_case(side.entry_point), by=agent)
        task = add_task(case, Wanted(title="美咲様に電話"), by=agent)
        told = Told(
            kind="refund", words="美咲様に返金", due_at=clock.now() + timedelta(hours=9), owner=agent.id
        )
        promise = make_promise(case, told, by=agent)
        notice = draft_notice(case, promise=promise, due_at=promise.due_at)
        asked = _asked(case, agent)
        raised = [raise_signal(case, Seen(kind="site", words="美咲様の話: 遅い"), by=agent) for _ in range(3)]
        piled = Incident.objects.get(company=side.company)
        complained = make_complaint(
            case, Complained(facts="美咲様の皿の割れ", severity=1, due_at=promise.due_at), by=agent
        )
        briefed = give_briefing(side.desk, title="返品の期限が変わること", by=actor_of(side.supervisor))
        shielded = _shielded(case, agent)
        instructed = _instructed(case)
        grave = _grave(case)
        told = _told_by_bot(case)
        picture = add_picture(side.company, by=agent)
        article = make_article(side.company, by=agent, body=f"![図](files/{picture})")
        field = make_field(side.desk, "order")
    of_case = of_case | {
        "promise": promise.pk,
        "notice": notice.pk,
        "what": "keep",
        "version": article.pk,
        "how": "text",
        "act": "begin",
        "cited": 1,
    }
    return {
        "cases": of_case | {"link": tied.pk, "pk": task.pk, "field": field.pk},
        "articles": {"pk": article.pk, "number": 1, "company": side.company.pk, "act": "up"},
        "articles/files": {"name": picture},
        "articles/bot": {"pk": told},
        "articles/gaps": {"pk": _gap(side)},
        "articles/leaving": {"pk": _rehearsal(side)},
        "articles/contradictions": {
            "pk": _contradiction(side, agent),
            "company": side.company.pk,
            "state": "aside",
        },
        "tasks": {"pk": task.pk},
        "queue": {"pk": side.desk.pk},
        "queue/media": {"pk": make_media_event(side.entry_point, code="Q-1").pk},
        "shifts/desks": {"pk": side.desk.pk},
        "shifts": {"pk": OperatorMember.objects.get(user=side.agent).pk},
        "skills": {"pk": OperatorMember.objects.get(user=side.agent).pk},
        "signals": {"pk": raised[0].pk},
        "signals/instructions": {"pk": instructed},
        "incidents": {"pk": piled.pk},
        "grave": {"pk": grave.pk},
        "complaints": {"pk": complained.pk, "what": "close"},
        "briefings": {"pk": briefed.pk},
        **asked,
        **shielded,
    }


def _grave(case: Case) -> Grave:
    """Words of the customer's that are grave."""
    return Grave.objects.create(
        company=case.company,
        case=case,
        message=Message.objects.filter(case=case, author="customer").earliest("id"),
        words=["弁護士"],
        sorts=["弁護士"],
        found_at=clock.now(),
        priority_before=2,
    )


def _asked(case: Case, agent: Actor) -> dict[str, Ours]:
    """A question with a file, and a message slip."""
    later = clock.now() + timedelta(hours=9)
    said = Question(
        question="美咲様の返品?", cause="rule", due_at=later, files=[File("図.txt", "text/plain", b"a")]
    )
    asked = ask(case, Whom(to="seniors"), said, by=agent)
    [enclosed] = asked.files.all()
    left = Written(
        to_name="健司",
        to_address="k@shop.example",
        words="部品",
        due_at=later,
        caller="髙橋 美咲",
        call_back="090-1234-5678",
    )
    slip = make_slip(case, left, by=agent)
    return {
        "escalations": {"pk": asked.pk, "what": "withdraw", "file": enclosed.pk},
        "slips": {"pk": slip.pk, "what": "withdraw"},
    }


def _instructed(case: Case) -> int:
    """Something that may have been a direct instruction."""
    said = Message.objects.filter(case=case, author="customer").earliest("id")
    about = {"case": case, "message": said, "company": case.company, "found_at": clock.now()}
    return Instruction.objects.create(**about, words=["直接指示"], sorts=["業務の遂行方法"]).pk


def _shielded(case: Case, agent: Actor) -> dict[str, Ours]:
    """A mark, a call for a senior, a rest, counsel and something noticed; by the address's first words."""
    made, called = marking.mark(case, sort="abuse", by=agent), marking.call_help(case, by=agent)
    rest, counsel = (
        caring.offer_rest(agent.id or 0, case, by=agent),
        caring.consult(case, words="美咲様の件", by=agent),
    )
    said = Message.objects.filter(case=case, author="customer").earliest("id")
    seen = {"case": case, "contact": said.contact, "message": said, "company": case.company}
    noticed = Suggestion.objects.create(**seen, sort="hold", amount=60, found_at=clock.now())
    assert rest is not None
    return {
        "shield": {"pk": made.pk, "what": "appeal"},
        "shield/helps": {"pk": called.pk},
        "shield/noticed": {"pk": noticed.pk, "what": "mark"},
        "shield/cares": {"pk": rest.pk},
        "shield/counsel": {"pk": counsel.pk},
    }


def _bought(side: Side, case: Case, agent: Actor) -> dict[str, Ours]:
    """An order of the customer and a paper of it."""
    with side.scope():
        order = order_of(case.customer_id, case.desk_id, case=case.pk)
        set_up_shop(side.company, registration_number="T7000012050002", by=system("test"))
        paper = issue(order, Kind.INVOICE, by=agent)
        parcel = make_parcel(order, carrier="yamato", by=agent)
        (piece,) = keep_pieces(order, order.lines.all()[0].pk, lot="L-1", by=agent)
        back = ask_return(order, {line.pk: 1 for line in order.lines.all()}, reason="defect", by=agent)
    return {
        "orders": {"pk": order.pk, "piece": piece.pk},
        "parcels": {"pk": parcel.pk},
        "returns": {"pk": back.pk},
        "subscriptions": {"pk": make_subscription(order).pk, "what": "cancel"},
        "solicitations": {"pk": _solicited(side, order, agent), "what": "withdraw"},
        "papers": {"pk": paper.pk, "name": f"{paper.number}.pdf"},
        **_reserved(side, case, agent),
    }


def _solicited(side: Side, order: Order, agent: Actor) -> int:
    """That an order of ours was solicited by phone."""
    with side.scope():
        made = keep_solicitation(order, ["急須"], by=agent)
    assert made is not None
    return made.pk


def _reserved(side: Side, case: Case, agent: Actor) -> dict[str, Ours]:
    """A store of ours, and a time there that the customer has."""
    thing = make_resource(make_store(side.company))
    tomorrow = clock.now().astimezone(clock.TOKYO) + timedelta(days=1)
    begins = tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)
    with side.scope():
        made = hold(case.customer, thing, at(begins), desk=case.desk, case=case.pk, by=agent)
        book(made, by=agent)
    store: Ours = {"pk": thing.store_id, "resource": thing.pk, "company": side.company.pk}
    return {"reservations": {"pk": made.pk, "what": "cancel"}, "administration/stores": store}


def _contradiction(side: Side, by: Actor) -> int:
    """Two articles of ours that contradict each other."""
    with side.scope():
        first, second = (
            make_article(side.company, by=by, title=title).versions.get() for title in ("返品", "交換")
        )
        told = {"company": side.company, "first": first, "second": second, "at": clock.now()}
        return Contradiction.objects.create(says="8日以内", other="14日以内", **told).pk


def _gap(side: Side) -> int:
    """Something that our customers ask; ids of searches begin with the same."""
    with side.scope():
        Search.objects.create(company=side.company, created_at=clock.now())
        return Gap.objects.create(
            company=side.company,
            kind="word",
            words=["券"],
            figures={},
            first_at=clock.now(),
            seen_at=clock.now(),
        ).pk


def _rehearsal(side: Side) -> int:
    """A rehearsal of leaving of our company."""
    with side.scope():
        return Rehearsal.objects.create(company=side.company, created_at=clock.now()).pk


def _told_by_bot(case: Case) -> int:
    """That the bot answered in our case."""
    said = Message.objects.filter(case=case, author="customer").earliest("id")
    at = {"company": case.company, "desk": case.desk, "at": clock.now()}
    return Turn.objects.create(case=case, asked=said, outcome="answer", **at).pk


def _helpers(side: Side, case: Case, lead: Actor) -> dict[str, Ours]:
    """What helps at a case of ours or tells of it; by the address's first words."""
    with side.scope():
        macro = add_macro(side.company, desk=side.desk, name="返品", acts=_TAGGING, by=lead)
        ran = run_macro(macro, case, by=actor_of(side.agent))
        # Words of it wait for the company.
        change_macro(macro, name="返品", acts=[*_TAGGING, {"do": "text", "value": "承りました。"}], by=lead)
        set_policy(side.company, macro_words=True, by=actor_of(side.company_manager))
        planned = add_plan(side.company, desk=side.desk, name="修理", steps=[{"title": "確認"}], by=lead)
        ruled = add_rule(side.desk, said=_RULE | {"acts": _TAGGING}, by=lead)
        where = {"company": side.company, "user": side.agent, "case": case}
        told = Notification.objects.create(**where, event=1, kind="x", why="followed", at=clock.now())
    return {
        "notifications": {"pk": told.pk},
        "macro-runs": {"run": ran.run.pk},
        "administration/plans": {"pk": planned.pk, "number": 1},
        "administration/macros": {"pk": macro.pk, "act": "approve"},
        "administration/rules": {"pk": ruled.pk, "number": 1, "state": "start"},
        "administration/fields": {"pk": make_field(side.desk).pk},
        "administration/matters": {"pk": make_matter(side.desk).pk},
    }


def _settings(side: Side, lead: Actor) -> dict[str, Ours]:
    """What of ours is set up and looked after; by the address's first words."""
    with side.scope():
        Mailbox.objects.create(company=side.company, entry_point=side.entry_point, host="h", username="u")
        SmtpServer.objects.create(company=side.company, entry_point=side.entry_point, host="h")
        key = make_dkim_key(side.entry_point, by=system("test"))
        mail = SentMail.objects.create(
            company=side.company, external_id="x", raw=b"From: a\r\n\r\n", sent_at=clock.now()
        )
        read, by = [Permission.CASE_READ], actor_of(side.agent)
        token, _words = make_token(side.agent, name="x", permissions=read, days=1, by=by)
        endpoint, delivery = make_webhook(side.company)
        set_levels(side.desk, text=_LEVELS, by=system("test"))
        rule = rule_sender(side.company.pk, pattern="spam.example", kind=SenderRule.Kind.BLOCK, by=lead)
    storefront, handed = make_storefront(side.desk)
    desk: Ours = {"pk": side.desk.pk, "desk": side.desk.pk, "state": "on", "number": 1, "place": 1}
    return {
        "administration/companies": {"pk": side.company.pk},
        "administration/help-centres": {"pk": side.company.pk},
        "administration/help-centres/desks": {"pk": side.desk.pk},
        "administration/watches": {"pk": side.company.pk},
        "administration/shields": {"pk": side.company.pk},
        "administration/recordings": {"pk": side.company.pk},
        "administration/identities": {"pk": side.company.pk},
        "administration/reading": {"pk": side.company.pk, "alarm": _alarm(side)},
        "administration/duties": {"pk": side.company.pk, "operator": side.operator.pk},
        "administration/bots": {
            "pk": side.desk.pk,
            "company": side.company.pk,
            "language": "ja",
            "act": "end",
            "number": 1,
        },
        "administration/operators": {"pk": side.operator.pk},
        "administration/engagements": {"pk": side.engagement.pk},
        "administration/desks": desk,
        "administration/entry-points": {"pk": side.entry_point.pk, "number": 1, "name": "greeting"},
        "administration/mail-servers": {"pk": side.entry_point.pk, "key": key.pk},
        "administration/people": {"pk": side.agent.pk, "member": _member(side.agent)},
        "administration/senders": {"pk": rule.pk},
        "administration/outbox": {"pk": mail.pk},
        "administration/shops": {
            "pk": side.company.pk,
            "number": 1,
            "variant": make_variant(side.company).pk,
            "storefront": storefront.pk,
            "handed": handed.pk,
            "campaign": make_campaign(side.company, kind="shipping", active=False).pk,
            "event": make_media_event(side.entry_point).pk,
            "fit": make_fit(side.company).pk,
            "symptom": make_symptom(side.company).pk,
        },
        "administration/tokens": {"pk": token.pk},
        "administration/imports": {"pk": _uploaded(side)},
        "administration/rights": {"pk": _demanded(side), "act": "start"},
        "administration/webhooks": {"pk": endpoint.pk, "delivery": delivery.pk},
    }


def _alarm(side: Side) -> int:
    """That one of ours read very many customers."""
    said = {"hour": clock.now(), "at": clock.now(), "customers": 500}
    with side.scope():
        return ReadingAlarm.objects.create(company=side.company, user=side.agent, **said).pk


def _received(raw: bytes, world: World) -> int:
    stored = receive(raw=raw, entry_point=world.ours.entry_point, source="test")
    assert stored is not None
    return stored


def _uploaded(side: Side) -> int:
    file, by = SimpleUploadedFile("a.csv", b"name,subject\n"), actor_of(side.company_manager)
    with side.scope():
        return upload([file], desk=side.desk, system="csv", said={}, by=by).pk


def _announced(side: Side) -> Ours:
    content, by = as_wav(bytes(8000)), actor_of(side.company_manager)
    with side.scope():
        made = add_announcement(side.company.pk, name="hello", content=content, by=by)
    return {"pk": side.company.pk, "name": made.name, "number": made.number, "digest": made.digest}


def _contact(side: Side) -> Ours:
    with side.scope():
        by = actor_of(side.company_manager)
        made = add_contact(side.company.pk, name="修理", number="03-1234-5678", by=by)
    return {"pk": side.company.pk, "contact": made.pk}


def _demanded(side: Side) -> int:
    customer = make_case(side.entry_point).customer_id
    return asked_for(customer, "disclosure", by=actor_of(side.company_manager)).pk


def _member(user: User) -> int:
    return OperatorMember.objects.get(user=user).pk


def addresses(found: list[tuple[str, URLPattern]], ours: dict[str, Ours]) -> list[str]:
    """Every address with a parameter, filled in with something of ours."""
    made = []
    for address, pattern in found:
        parameters = pattern.pattern.converters
        if not parameters or address.startswith(("account/", *OPEN_TO_STRANGERS)):
            continue
        words = address.split("/")
        of_this = ours.get("/".join(words[:2])) or ours[words[0]]
        for name, converter in parameters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            address = address.replace(f"<{kind}:{name}>", str(of_this[name]))
        made.append(f"/{address}")
    return made


def state_of(company: int) -> dict[str, str]:
    """A digest of every row that our company has, by table."""
    state = {
        label: hashlib.sha256(repr(found).encode()).hexdigest()
        for label, found in rows.all_of(company).items()
    }
    people = User.objects.order_by("pk").values_list("pk", "is_active", "password")
    return state | {"people": repr(list(people))}


def test_whatever_is_made_changed_or_goes_is_seen(world: World) -> None:
    mine, theirs = world.ours.company.pk, world.theirs.company.pk
    none, of_others = state_of(mine), state_of(theirs)
    case = make_case(world.ours.entry_point)
    made = state_of(mine)
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(subject="another")
    changed = state_of(mine)
    with world.ours.scope():
        Message.objects.filter(contact__case=case).delete()
    gone = state_of(mine)

    assert none["cases.Case"] != made["cases.Case"] != changed["cases.Case"]
    assert (changed["cases.Message"], gone["cases.Message"]) == (made["cases.Message"], none["cases.Message"])
    assert made["cases.Message"] != none["cases.Message"]
    assert state_of(theirs) == of_others


def let_in(client: Client, found: list[str]) -> list[str]:
    """Addresses that answer anything but: not here."""
    wrong = []
    for address in found:
        for call in (client.get, client.post):
            answer = call(address)
            if answer.status_code not in NOTHING_HERE:
                wrong.append(f"{call.__name__} {address} {answer.status_code}")
    return wrong


STRANGERS: dict[str, Callable[[World], User]] = {
    "agent": lambda world: world.theirs.agent,
    "supervisor": lambda world: world.theirs.supervisor,
    "manager": lambda world: world.theirs.manager,
    "company staff": lambda world: world.theirs.company_staff,
    "company manager": lambda world: world.theirs.company_manager,
}


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_finds_nothing_and_changes_nothing(world: World, client: Client, who: str) -> None:
    ours = addresses(list(patterns(get_resolver())), furnish(world))
    assert len(ours) > 40
    before = state_of(world.ours.company.pk)
    client.force_login(STRANGERS[who](world))

    assert let_in(client, ours) == []

    assert state_of(world.ours.company.pk) == before


def test_whoever_is_not_signed_in_is_asked_to(world: World, client: Client) -> None:
    for address in addresses(list(patterns(get_resolver())), furnish(world)):
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer.headers["Location"].startswith("/account/login/"), address


def test_a_planted_page_that_lets_strangers_in_is_found(world: World, client: Client) -> None:
    def careless(request: HttpRequest, number: str) -> HttpResponse:
        return HttpResponse(number)

    planted = [("cases/<str:number>/", path("cases/<str:number>/", requires(Permission.SELF)(careless)))]
    made = addresses(planted, {"cases": {"number": "A-1001"}})
    assert made == ["/cases/A-1001/"]
    client.force_login(world.theirs.agent)
    assert let_in(client, ["/"]) == ["get / 200"]
