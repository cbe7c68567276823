"""What was said in a chat, as its visitor may see it."""

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.bot.queries import answers_now, bot_of, name_of, scene_of
from madoguchi.bot.scenarios import first_questions
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.cases.queries import read_upto, together
from madoguchi.channels.webchat.channel import external_id
from madoguchi.channels.webchat.models import Visit, Widget
from madoguchi.channels.webchat.queries import ended_chat, may_be_judged
from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address, first_mail_point
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.portal.chat.passes import GOOD_FOR, Pass, PassUnknown, open_pass
from madoguchi.portal.chat.waiting import said_of_waiting
from madoguchi.portal.queries import MOST_AT_ONCE, Said, file_in_chat, link_was_ended, said_in_chat
from madoguchi.portal.uploads import MOST_FILES, too_large, too_many


def chat_door(address: str) -> EntryPoint:
    """The entry point behind a chat's name. Raises NotFound for none, or one that is not in use."""
    door = entry_point_by_address(Channel.CHAT, address)
    if door is None or not door.desk.active:
        raise NotFound(address)
    return door


def looks_of(door: EntryPoint, widget: Widget) -> dict[str, Any]:
    """What the chat says before anybody has written. `open` is whether people are at work now, None if not known."""
    calendar = calendar_of(door.desk)
    return {
        "title": widget.title or door.desk.public_name,
        "greeting": widget.greeting or door.desk.greeting,
        "hue": door.company.accent_hue if widget.hue is None else widget.hue,
        "ask": widget.ask,
        "hours": door.desk.hours,
        "open": calendar.is_open(clock.now()) if calendar else None,
        "bot": _bot_of(door),
        "carry": _has_mail(door),
        "files": {
            "most": MOST_FILES,
            "bytes": settings.MAX_UPLOAD_BYTES,
            "many": too_many(),
            "large": too_large(),
        },
    }


def _has_mail(door: EntryPoint) -> bool:
    """Whether a talk can go on by mail."""
    with scope.acting_for([door.company_id]):
        return first_mail_point(door.desk_id) is not None


def _bot_of(door: EntryPoint) -> dict[str, Any] | None:
    """What the bot says of itself before anybody has written, and the first choices of its scenarios by language; None
    where it does not answer at this hour.
    """
    with scope.acting_for([door.company_id]):
        bot = bot_of(door.desk)
        if not answers_now(bot, door.desk):
            return None
        return {
            "name": name_of(bot, door.desk),
            "greeting": bot.greeting,
            "first": first_questions(door.desk),
        }


def of_visitor(given: object, *, door: EntryPoint) -> Pass:
    """The pass that a visitor's page holds. Raises PassUnknown for none of this chat, and for one that has ended:
    `GOOD_FOR` after their first word, or when the link to their case was ended after it.
    """
    found = open_pass(given, entry_point=door.pk)
    with scope.acting_for([door.company_id]):
        require_open(found, company=door.company_id)
    return found.renewed


def require_open(visitor: Pass, *, company: int) -> None:
    """Raises PassUnknown for a visitor whose time has ended, however fresh their pass is."""
    began = Visit.objects.filter(company_id=company, visitor=visitor.visitor).values_list(
        "began_at", flat=True
    )
    since = began.first()
    if since is None:
        return
    case = case_of(visitor, company=company)
    over = clock.now() - since > GOOD_FOR
    if over or (case is not None and link_was_ended(Q(pk=case.pk) | Q(continued_in=case), after=since)):
        raise PassUnknown("pass")


def case_of(visitor: Pass, *, company: int) -> Case | None:
    """The case of which a visitor wrote last, or where it went on; None before their first word."""
    theirs = Message.objects.filter(company_id=company, external_id=external_id(visitor.visitor))
    said = theirs.filter(author=Message.Author.CUSTOMER).select_related("case").order_by("-id").first()
    if said is None:
        return None
    related = Case.objects.select_related("company", "desk", "customer")
    there = said.case.continued_in_id
    after = related.filter(pk=there, customer_id=said.case.customer_id).first() if there else None
    return after or related.get(pk=said.case_id)


def refuse_in_ended_chat(visitor: Pass, door: EntryPoint) -> None:
    """Raises Refused where the talk was ended because of its manner, and says by which way the matter goes on."""
    with scope.acting_for([door.company_id]):
        ended = ended_chat(visitor.visitor)
    if ended is not None:
        ways = {
            ended.Onward.MAIL: _("by mail"),
            ended.Onward.PHONE: _("by phone"),
            ended.Onward.LETTER: _("by letter"),
        }
        words = _("This chat has ended. Your request has not: we go on answering it %(way)s.")
        raise Refused(words % {"way": ways[ended.Onward(ended.onward)]}, field="text")


def talk_of(case: Case, visitor: Pass, *, after: int) -> dict[str, Any]:
    """What was said with a visitor since a message (by id), oldest first, who of us is writing (true: a
    person), where they stand in the queue, what the bot offers, and whether they may say how content they are."""
    name = visitor.visitor
    said = said_in_chat(case, visitor=name, written=external_id(name), after=after)
    scene = scene_of(case)
    bot = {"speaks": scene.by_bot, "under": scene.under, "choices": list(scene.choices)}
    writing = "bot" if scene.thinking else together(case.pk).writer is not None
    waits = "" if scene.by_bot or writing else said_of_waiting(case)
    told = {"said": [_as_told(one) for one in said], "writing": writing, "waits": waits, "bot": bot}
    return {**told, "judge": may_be_judged(case), "read": read_upto(case)}


def earlier_of(case: Case, visitor: Pass, *, before: int) -> dict[str, Any]:
    """What was said with a visitor before a message (by id), and whether there may be more before that."""
    name = visitor.visitor
    said = said_in_chat(case, visitor=name, written=external_id(name), after=0, before=before)
    return {"earlier": [_as_told(one) for one in said], "more": len(said) == MOST_AT_ONCE}


def file_of(visitor: Pass, attachment: int, *, company: int) -> Attachment:
    """A file of what was said with a visitor. Raises NotFound."""
    name = visitor.visitor
    with scope.acting_for([company]):
        case = case_of(visitor, company=company)
        if case is None:
            raise NotFound(attachment)
        return file_in_chat(case, attachment, visitor=name, written=external_id(name))


def _as_told(said: Said) -> dict[str, Any]:
    return {
        "id": said.id,
        "ours": said.ours,
        "who": said.author if said.ours else "",
        "bot": said.ours and said.automatic,
        "at": said.at.isoformat(),
        "text": said.text,
        "files": [_file(file) for file in said.files],
    }


def _file(file: Attachment) -> dict[str, Any]:
    return {"id": file.pk, "name": file.filename, "size": file.size, "open": file.may_be_opened}
