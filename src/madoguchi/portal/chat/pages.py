"""What the chat's script asks for, and a page to try it on. Everything is JSON but that page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.channels.webchat.actions import MOST_WORDS, judge, prove_address
from madoguchi.channels.webchat.models import Widget
from madoguchi.channels.webchat.saying import Saying
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.people.access import public
from madoguchi.portal.chat.actions import carry, count_look, look, say, tell_typing
from madoguchi.portal.chat.asking import Asked, of_a_chat, told_to_anybody
from madoguchi.portal.chat.passes import Pass, new_pass, open_file, open_mine, sign_file
from madoguchi.portal.chat.talk import (
    case_of,
    chat_door,
    earlier_of,
    file_of,
    looks_of,
    of_visitor,
    refuse_in_ended_chat,
    require_open,
    talk_of,
)
from madoguchi.portal.uploads import as_download
from madoguchi.portal.visitors import company_head, discreet, in_visitors_language, visitor_key

MOST_TEXT = 5_000
MOST_OF_ID = 64
LEAST_OF_SECRET, MOST_OF_SECRET = 32, 100


@told_to_anybody
def about(door: EntryPoint, widget: Widget, asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """What the chat says before anybody has written."""
    return looks_of(door, widget)


@of_a_chat
def said(door: EntryPoint, widget: Widget, asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """Take a message of a visitor; the first one gives them a pass. Answers with what was said since."""
    given = asked.get("pass")
    known = of_visitor(given, door=door) if given else None
    visitor = known or _newcomer(door, asked)
    saying = _saying(asked, visitor)
    mail = _words(asked, "address", 254)
    if widget.ask == Widget.Ask.REQUIRED and not given and not (saying.called and mail):
        raise Refused(
            _("Enter your name and your mail address."), field="address" if saying.called else "called"
        )
    refuse_in_ended_chat(visitor, door)
    say(saying, through=door, mail=mail, source=visitor_key(request))
    return _talk(visitor, door, asked)


@of_a_chat
def talk(door: EntryPoint, widget: Widget, asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """What was said after the last message that the visitor's page has; by naming that it takes our answers."""
    visitor = of_visitor(asked.get("pass"), door=door)
    count_look(visitor)
    return _talk(visitor, door, asked)


@of_a_chat
def earlier(door: EntryPoint, widget: Widget, asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """What was said before the first message that the visitor's page has."""
    visitor = of_visitor(asked.get("pass"), door=door)
    count_look(visitor)
    with scope.acting_for([door.company_id]):
        case, before = case_of(visitor, company=door.company_id), _number(asked, "before")
        found = (
            earlier_of(case, visitor, before=before) if case and before else {"earlier": [], "more": False}
        )
    return {"pass": visitor.signed, **found}


@of_a_chat
def typing(door: EntryPoint, widget: Widget, asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """The visitor is writing: it is told to us, and kept nowhere."""
    visitor = of_visitor(asked.get("pass"), door=door)
    with scope.acting_for([door.company_id]):
        case = case_of(visitor, company=door.company_id)
        if case is not None:
            tell_typing(case, visitor)
    return {"pass": visitor.signed}


@of_a_chat
def judged(door: EntryPoint, widget: Widget, asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """Keep how content a visitor is with a talk that has ended."""
    visitor = of_visitor(asked.get("pass"), door=door)
    count_look(visitor)
    with scope.acting_for([door.company_id]):
        case = case_of(visitor, company=door.company_id)
        if case is None:
            raise NotFound("talk")
        judge(case.pk, score=_number(asked, "score"), words=_words(asked, "words", MOST_WORDS))
    return _talk(visitor, door, asked)


@of_a_chat
def carried(door: EntryPoint, widget: Widget, asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """Send the link to this talk to a mail address, for another device or another day."""
    visitor = of_visitor(asked.get("pass"), door=door)
    count_look(visitor)
    with scope.acting_for([door.company_id]):
        case = case_of(visitor, company=door.company_id)
        if case is None:
            raise NotFound("talk")
        mail, source = _words(asked, "address", 254), visitor_key(request)
        carry(case, visitor, through=door, address=mail, source=source)
    return _talk(visitor, door, asked)


@public("who reads the mail of the address that was typed holds the signed link")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@in_visitors_language
@discreet
def mine(request: HttpRequest, address: str, signed: str) -> HttpResponse:
    """Whoever came by the mail says that the talk is theirs, and goes on in the same chat, on this page."""
    door = chat_door(address)
    visitor, mail = open_mine(signed, entry_point=door.pk)
    with scope.acting_for([door.company_id]):
        require_open(visitor, company=door.company_id)
        case = case_of(visitor, company=door.company_id)
        is_theirs = request.method == "POST" and case is not None
        if case is not None and is_theirs:
            prove_address(case.pk, address=mail)
    shown = {"door": door, "mail": mail, "signed": visitor.signed if is_theirs else ""}
    return render(request, "portal/chat_mine.html", {**shown, **company_head(door.company)})


@of_a_chat
def file(door: EntryPoint, widget: Widget, asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """Where a file of the talk is for a minute: an address is no place for the pass itself."""
    visitor = of_visitor(asked.get("pass"), door=door)
    count_look(visitor)
    found = file_of(visitor, _number(asked, "file"), company=door.company_id)
    signed = sign_file(found.pk, visitor=visitor.visitor)
    return {
        "pass": visitor.signed,
        "address": reverse("portal:chat_file_content", args=[door.address, signed]),
    }


@public("who holds a pass was given the signed address a moment ago")
@require_safe
@discreet
def file_content(request: HttpRequest, address: str, signed: str) -> HttpResponse:
    """A file of a talk."""
    door = chat_door(address)
    attachment, visitor = open_file(signed)
    kept = file_of(Pass(door.pk, visitor, 0), attachment, company=door.company_id)
    return as_download(kept)


@public("a page to try the chat on, like any page of a shop")
@require_safe
@in_visitors_language
def sample(request: HttpRequest, address: str) -> HttpResponse:
    """A page of a made-up shop that carries the chat's tag, for whoever sets it up."""
    door = chat_door(address)
    return render(request, "portal/chat_sample.html", {"door": door, "company_name": door.company.name})


def _newcomer(door: EntryPoint, asked: Asked) -> Pass:
    """A pass for a first word; one that is sent again later than its visitor's time gives none."""
    visitor = new_pass(door.pk, secret=_secret(asked))
    with scope.acting_for([door.company_id]):
        require_open(visitor, company=door.company_id)
    return visitor


def _talk(visitor: Pass, door: EntryPoint, asked: Asked) -> dict[str, Any]:
    with scope.acting_for([door.company_id]):
        case = case_of(visitor, company=door.company_id)
        if case is None:
            return {
                "pass": visitor.signed,
                "said": [],
                "writing": False,
                "waits": "",
                "bot": None,
                "judge": False,
                "read": 0,
            }
        after = _number(asked, "after")
        # What this response carries may be lost on its way: the page has it when it names it.
        look(case, visitor, upto=after, seen=asked.get("seen") is True)
        return {"pass": visitor.signed, **talk_of(case, visitor, after=after)}


def _saying(asked: Asked, visitor: Pass) -> Saying:
    text, name = _words(asked, "text", MOST_TEXT + 1), _words(asked, "id", MOST_OF_ID)
    files: tuple[File, ...] = asked["files"] if isinstance(asked.get("files"), tuple) else ()
    if not (text.strip() or files) or not name:
        raise Refused(_("Write something first."), field="text")
    if len(text) > MOST_TEXT:
        raise Refused(_("This is too long. Write 5,000 characters at most at a time."), field="text")
    return Saying(
        id=name,
        visitor=visitor.visitor,
        text=text,
        language="en" if asked.get("language") == "en" else "ja",
        called=_words(asked, "called", 200),
        page=_words(asked, "page", 500),
        files=files,
    )


def _secret(asked: Asked) -> str:
    secret = _words(asked, "secret", MOST_OF_SECRET + 1)
    if secret and not LEAST_OF_SECRET <= len(secret) <= MOST_OF_SECRET:
        raise Refused("A secret has 32 to 100 characters.", field="secret")
    return secret


def _words(asked: Asked, name: str, most: int) -> str:
    value = asked.get(name)
    return value[:most] if isinstance(value, str) else ""


def _number(asked: Asked, name: str) -> int:
    value = asked.get(name)
    return value if isinstance(value, int) and 0 <= value < 2**63 else 0
