"""Answering a customer, noting for colleagues, and what becomes of an answer."""

from dataclasses import asdict
from email.utils import getaddresses

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.actions import (
    add_note,
    bring_back,
    discard_draft,
    drop_said,
    hold_again,
    save_draft,
)
from madoguchi.cases.models import Case, DraftFile, Status
from madoguchi.cases.queries import draft_of
from madoguchi.delivery.actions import ANYTHING, Reply, customer_parties, take_back, try_again
from madoguchi.delivery.approval import always_needs_approval, will_need_approval
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.said import SaidAlready
from madoguchi.desk.letter import letter_of, others_chosen
from madoguchi.desk.naming import names_for, said_of
from madoguchi.desk.pages.drafts import addressed, taken
from madoguchi.desk.pages.parts import (
    MOST_DIGITS,
    DeskRequest,
    acted,
    case_url,
    full_page,
    private,
    the_case,
    wanted_by,
)
from madoguchi.desk.pages.pending import chosen_time, said_of_notice, told_of
from madoguchi.desk.promising import submit_with_promises
from madoguchi.desk.queries import outgoing_of
from madoguchi.infra import files
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import AskFirst, Conflict, Refused
from madoguchi.kernel.text import blot_card_numbers, clean
from madoguchi.people.access import requires
from madoguchi.promises.keeping import withdraw_unsaid


@require_POST
@requires(Permission.CASE_REPLY)
def send_reply(request: DeskRequest, number: str) -> HttpResponse:
    """Send an answer, now or later, or ask a senior to approve it.

    What cannot be sent stays in the composer, with the reason above it.
    """
    case = the_case(request, number)
    try:
        written, at = _written(request, case), chosen_time(request)
        done = submit_with_promises(case, written, request.POST, at=at, word=_word(request), by=request.actor)
    except AskFirst as error:
        return _asked(request, case, error)
    except (Conflict, Refused) as error:
        return _unsent(request, case, error)
    return told_of(request, case, done)


@require_POST
@requires(Permission.CASE_REPLY)
def preview(request: DeskRequest, number: str) -> HttpResponse:
    """The answer as it would leave, with what one may want to know before. It is kept as a draft; nothing is sent."""
    case = the_case(request, number)
    _keep(request, case)
    text = blot_card_numbers(clean(request.POST.get("text", "")))
    files = _chosen(request, case)
    letter = letter_of(case, text=text, files=files, actor=request.actor, **addressed(request))
    template = "desk/preview.html" if request.htmx else "desk/preview_page.html"
    context = {"letter": letter, "back": case_url(case, query=request.GET.urlencode())}
    return private(request, render(request, template, context))


@require_POST
@requires(Permission.CASE_NOTE)
def write_note(request: DeskRequest, number: str) -> HttpResponse:
    """Add a note that only staff see. Before it tells very many people, it is asked whether that is meant."""
    case, confirmed = the_case(request, number), frozenset(request.POST.getlist("confirmed"))
    try:
        note = add_note(case, text=request.POST.get("note", ""), confirmed=confirmed, by=request.actor)
    except AskFirst as error:
        return _note_asked(request, case, error)
    discard_draft(case, kind="note", by=request.actor)
    return acted(request, case, said_of(note), composer=True)


@require_safe
@requires(Permission.CASE_NOTE)
def colleagues(request: DeskRequest, number: str) -> HttpResponse:
    """Whom a note on the case can name with @: people but oneself, and teams."""
    case = the_case(request, number)
    names = [asdict(name) for name in names_for(case, actor=request.actor)]
    return private(request, JsonResponse({"names": names}))


@require_POST
@requires(Permission.CASE_REPLY)
def undo_reply(request: DeskRequest, outgoing: int) -> HttpResponse:
    """Take an answer back before it leaves; its words return to the composer unless others stand there, and who wrote
    it holds the answer again.
    """
    case = outgoing_of(outgoing, actor=request.actor).message.case
    with transaction.atomic():
        gone = take_back(outgoing, by=request.actor)
        # What was promised in it is read right after, beside the case.
        if withdraw_unsaid(case.pk, message=gone.message_id):
            return acted(request, case, said_of_notice(), composer=True)
        if gone.message.user_id == request.actor.id:
            hold_again(case, taken_from=(gone.stood or {}).get("taken_from"), by=request.actor)
    _back_into_composer(case, gone, request)
    return acted(request, case, _("Taken back. Nothing was sent."), composer=True)


@require_POST
@requires(Permission.CASE_REPLY)
def send_again(request: DeskRequest, outgoing: int) -> HttpResponse:
    """Send a failed answer once more."""
    case = outgoing_of(outgoing, actor=request.actor).message.case
    try_again(outgoing, by=request.actor)
    return acted(request, case, _("It is being sent once more."))


def parties(written: str, *, field: str) -> tuple[Party, ...]:
    """The people that a To or Cc line names. Raises Refused, naming the address that is none."""
    spread = written.replace("、", ",").replace("，", ",").replace(";", ",").replace("\n", ",")
    found = [(name, address) for name, address in getaddresses([spread]) if name or address]
    for name, address in found:
        try:
            validate_email(address)
        except ValidationError:
            wrong = address or name
            raise Refused(
                _("“%(address)s” is not a mail address.") % {"address": wrong}, field=field
            ) from None
    return tuple(Party(address=address, name=name) for name, address in found)


def _written(request: DeskRequest, case: Case) -> Reply:
    names = addressed(request)
    return Reply(
        text=request.POST.get("text", ""),
        to=parties(names["to"], field="to"),
        cc=parties(names["cc"], field="cc"),
        bcc=parties(names["bcc"], field="bcc"),
        files=(*_drafted(request, case), *taken(request.FILES.getlist("files"))),
        status=_status(request),
        expected_version=_version(request),
        confirmed=frozenset(request.POST.getlist("confirmed")) - ANYTHING,
    )


def _version(request: DeskRequest) -> int:
    """Which state of the case its writer has seen. Raises Conflict where the form does not say it."""
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > MOST_DIGITS:
        raise Conflict(
            _(
                "The page did not say which state of the case you have read. Nothing was sent: look again, then send."
            )
        )
    return int(version)


def _status(request: DeskRequest) -> Status:
    status = request.POST.get("status", "")
    return Status(status) if status in Status.values else Status.WAITING_CUSTOMER


def _word(request: DeskRequest) -> str:
    return request.POST.get("word", "")


def _chosen(request: DeskRequest, case: Case) -> list[DraftFile]:
    """The files beside the answer that the composer shows."""
    draft = draft_of(case, kind="reply", person=request.actor.id or 0)
    chosen = set(request.POST.getlist("attachment"))
    return [file for file in draft.files.all() if str(file.pk) in chosen] if draft else []


def _drafted(request: DeskRequest, case: Case) -> list[File]:
    wanted = _chosen(request, case)
    return [File(f.filename, f.content_type, files.read(f.sha256, company=case.company_id)) for f in wanted]


def _unsent(request: DeskRequest, case: Case, error: Conflict | Refused) -> HttpResponse:
    """Nothing was sent: the words are kept as a draft, unless a colleague has sent just these, and the reader sees the
    case as it is now.
    """
    status = 409 if isinstance(error, Conflict) else 422
    then = "reply" if isinstance(error, Refused) and error.field == "fields" else ""
    said = isinstance(error, SaidAlready)
    if said:
        drop_said(case, text=blot_card_numbers(clean(request.POST.get("text", ""))), by=request.actor)
    else:
        _keep(request, case)
    if request.htmx:
        return acted(request, case, composer=said, notice=str(error), then=then, status=status)
    number = case.spoken_number(case.company.prefix)
    return full_page(request, wanted_by(request), number, notice=str(error), then=then, status=status)


def _asked(request: DeskRequest, case: Case, error: AskFirst) -> HttpResponse:
    """Nothing was sent yet: the words are kept, and what the desk wants confirmed is asked above them."""
    _keep(request, case)
    person, word = request.actor.id, _word(request)
    approval = will_need_approval(case.desk, person=person, questions=error.questions)
    asked = {
        "questions": error.questions,
        "status": _status(request),
        "later": request.POST.get("later", ""),
        "at": request.POST.get("at", ""),
        "word": word,
        "approval": approval,
        # Where every answer is approved, the composer has the line for it already.
        "wants_word": approval and not word and not always_needs_approval(case.desk, person=person),
    }
    if request.htmx:
        return private(request, render(request, "desk/send_check.html", {"asked": asked}, status=422))
    number = case.spoken_number(case.company.prefix)
    return full_page(request, wanted_by(request), number, asked=asked, status=422)


def _note_asked(request: DeskRequest, case: Case, error: AskFirst) -> HttpResponse:
    """Nothing was written yet: the words are kept, and the question stands below them."""
    save_draft(case, kind="note", text=request.POST.get("note", ""), by=request.actor)
    asked = {"of_note": error.questions}
    if request.htmx:
        return private(request, render(request, "desk/note_check.html", {"asked": asked}, status=422))
    number = case.spoken_number(case.company.prefix)
    return full_page(request, wanted_by(request), number, asked=asked, status=422)


def _keep(request: DeskRequest, case: Case) -> None:
    text = request.POST.get("text", "")
    save_draft(case, kind="reply", text=text, by=request.actor, **addressed(request))


def _back_into_composer(case: Case, gone: Outgoing, request: DeskRequest) -> None:
    message, before = gone.message, draft_of(case, kind="reply", person=request.actor.id or 0)
    # What was typed before it left may have been kept after; a colleague's words have their own place.
    own = before is not None and before.user_id == request.actor.id
    if before is not None and own and before.text.strip() not in message.typed:
        return
    # Left empty, To means the customer: only others whom the writer had chosen are put back there.
    usual = [party.address for party in customer_parties(case)]
    fields = {"to": message.to, "cc": message.cc, "bcc": message.bcc}
    named = {field: [party["address"] for party in parties] for field, parties in fields.items()}
    named["to"] = others_chosen(named["to"], usual=usual)
    words = {"text": message.typed} | {field: ", ".join(addresses) for field, addresses in named.items()}
    beside = [
        File(file.filename, file.content_type, files.read(file.sha256, company=case.company_id))
        for file in message.attachments.order_by("id")
    ]
    bring_back(case, kind="reply", words=words, files=beside, by=request.actor)
