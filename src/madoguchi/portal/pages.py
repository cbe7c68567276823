"""The customer's pages. None needs a sign-in: a form is for anybody, a case for who holds its link.

They take no CSRF token: nothing here rests on a cookie. What a visitor may do is proven by the address and by
the form's own signed token, and pages that send no referrer could not pass Django's check of the origin.
"""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.cases.models import Case
from madoguchi.channels.webform.queries import shape_of
from madoguchi.channels.webform.submission import Submission
from madoguchi.companies.models import EntryPoint
from madoguchi.delivery.wording import brings_own_page
from madoguchi.helpcentre.queries import centre_for
from madoguchi.infra import scope
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.queries import shown_in
from madoguchi.knowledge.reading import as_page
from madoguchi.people.access import Page, public
from madoguchi.portal import queries
from madoguchi.portal.actions import send
from madoguchi.portal.forms import AnswerForm, ContactForm, SendingForm
from madoguchi.portal.links import open_article_link, open_link
from madoguchi.portal.sending import Unusable, read_sending
from madoguchi.portal.state import STEPS
from madoguchi.portal.uploads import as_download
from madoguchi.portal.visitors import company_head, discreet, in_visitors_language, visitor_key
from madoguchi.surveys.queries import questions_for

may_send = require_http_methods(["GET", "HEAD", "POST"])


def says_when_ended(page: Page) -> Page:
    """A page that tells who holds an ended link what to do instead."""

    @wraps(page)
    def page_or_note(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return page(request, *args, **kwargs)
        except queries.LinkIsEnded as ended:
            context = {
                "desk": ended.case.desk,
                "door": ended.case.entry_point,
                **company_head(ended.case.company),
            }
            return render(request, "portal/ended.html", context, status=404)

    return page_or_note


@public("a form is for anybody who turns to the desk")
@csrf_exempt
@may_send
@in_visitors_language
def contact_form(request: HttpRequest, address: str) -> HttpResponse:
    """The web form of a desk; what is sent goes through intake like everything that arrives."""
    door = queries.form_door(address)
    with scope.acting_for([door.company_id]):
        shape, centre = shape_of(door.pk), centre_for(door.desk)
    form = ContactForm(request, shape=shape, purpose=_purpose(door))
    if form.is_valid() and _send(request, form, form.submission(), through=door, source=f"form {address}"):
        return redirect("portal:sent", address, form["sending"].value())
    context = {"form": form, "shape": shape, "desk": door.desk, **company_head(door.company)}
    context["help"] = reverse("portal:help", args=[centre]) if centre else ""
    return render(request, "portal/form.html", context, status=form.status)


@public("who sent the form holds its signed token")
@require_safe
@in_visitors_language
@discreet
def sent(request: HttpRequest, address: str, sending: str) -> HttpResponse:
    """Thanks and the number of the case; never the link to its page, for the address may be somebody else's."""
    door = queries.form_door(address)
    try:
        token = read_sending(sending, purpose=_purpose(door)).token
    except Unusable as error:
        raise NotFound(sending) from error
    with scope.acting_for([door.company_id]):
        number = queries.number_of_sending(token, company=door.company)
    link_comes = brings_own_page(door.desk, get_language() or "")
    context = {"desk": door.desk, "link_comes": link_comes, "number": number, **company_head(door.company)}
    return render(request, "portal/sent.html", context)


@public("who holds the signed link of a case is its customer")
@csrf_exempt
@may_send
@in_visitors_language
@discreet
@says_when_ended
def case(request: HttpRequest, signed: str) -> HttpResponse:
    """The customer's own page: where their case stands, what was said, and a box to answer."""
    found = case_of(signed)
    company = found.company_id
    form = AnswerForm(request, purpose=f"case:{found.pk}")
    if form.is_valid() and _answer(request, form, found):
        return redirect(f"{request.path}?answered=1#answered")
    with scope.acting_for([company]):
        shown = queries.for_customer(found, everything="all" in request.GET)
        shield = queries.shield_of(found)
        asked = bool(questions_for(found))
    context = {"case": shown, "form": form, "signed": signed, "steps": STEPS}
    context |= {**company_head(found.company), **shield, "asked": asked}
    context |= {"answered": "answered" in request.GET and not form.is_bound, "door": found.entry_point}
    return render(request, "portal/case.html", context, status=form.status)


@public("who holds the signed link of a case is its customer")
@require_safe
@in_visitors_language
@discreet
@says_when_ended
def file(request: HttpRequest, signed: str, attachment: int) -> HttpResponse:
    """A file of the case."""
    found = case_of(signed)
    with scope.acting_for([found.company_id]):
        kept = queries.file_of(found, attachment)
    return as_download(kept)


@public("what a company says to all its customers is for anybody who was given the link")
@require_safe
@in_visitors_language
def article(request: HttpRequest, signed: str) -> HttpResponse:
    """An article as it is in force now; 404 once it is not, or not for customers any more."""
    company, pk = open_article_link(signed)
    with scope.acting_for([company]):
        version = queries.article_for_customers(company, pk)
        whose = company_head(version.article.company)
        shown = shown_in(version.body, lambda name: reverse("portal:article_file", args=[signed, name]))
    context = {"version": version, "html": as_page(version.body, shown), **whose}
    return render(request, "portal/article.html", context)


def case_of(signed: str) -> Case:
    """The case that a signed link opens, with what its page needs. Raises NotFound, and LinkIsEnded."""
    company, case, generation = open_link(signed)
    with scope.acting_for([company]):
        return queries.case_of_link(case, company, generation)


def _answer(request: HttpRequest, form: AnswerForm, case: Case) -> bool:
    if case.entry_point is None:
        raise NotFound("nothing to answer through")
    with scope.acting_for([case.company_id]):
        customer = queries.customer_of(case)
    submission = form.submission(customer=customer, subject=case.subject, case_token=case.reply_token)
    return _send(request, form, submission, through=case.entry_point, source="customer's page")


def _send(
    request: HttpRequest, form: SendingForm, submission: Submission, *, through: EntryPoint, source: str
) -> bool:
    try:
        send(submission, through=through, visitor=visitor_key(request), source=source)
    except TooOften as limit:
        form.refuse_for_now(limit.seconds)
        return False
    return True


def _purpose(door: EntryPoint) -> str:
    return f"form:{door.pk}"
