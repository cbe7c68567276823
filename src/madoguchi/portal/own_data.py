"""What a customer demanded of their data, fetched by who holds its signed link, until that expires."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madoguchi.infra import limits, scope
from madoguchi.kernel.errors import NotFound
from madoguchi.people.access import public
from madoguchi.portal.visitors import company_head, discreet, in_visitors_language, visitor_key
from madoguchi.rights.actions import fetched
from madoguchi.rights.links import open_link
from madoguchi.rights.models import Request
from madoguchi.rights.queries import archive_of, opened_archive

HOUR = 3600
MOST_FETCHED, MOST_WRONG = 20, 20  # an hour, from one address


@public("who holds the signed link of a disclosure is whom it was made for")
@require_safe
@in_visitors_language
@discreet
def own_data(request: HttpRequest, signed: str) -> HttpResponse:
    """What the file holds and until when it is there: a look at the link alone fetches nothing. Raises TooOften."""
    found = _found(request, signed)
    context = {"demand": found, "signed": signed, **company_head(found.company)}
    return render(request, "portal/own_data.html", context)


@public("who holds the signed link of a disclosure is whom it was made for")
@require_safe
@in_visitors_language
@discreet
def own_data_file(request: HttpRequest, signed: str) -> FileResponse:
    """The file, always as a download. Raises TooOften."""
    found = _found(request, signed)
    limits.count(f"own data {visitor_key(request)}", most=MOST_FETCHED, seconds=HOUR)
    file = opened_archive(found)
    with scope.acting_for([found.company_id]):
        fetched(found)
    return FileResponse(file, as_attachment=True, filename=f"disclosure-{found.pk}.zip")


def _found(request: HttpRequest, signed: str) -> Request:
    """What a link leads to. Only those that lead nowhere are counted, so that none of them closes the right one."""
    try:
        company, pk, generation = open_link(signed)
        with scope.acting_for([company]):
            return archive_of(company, pk, generation)
    except NotFound:
        limits.count(f"own data wrong {visitor_key(request)}", most=MOST_WRONG, seconds=HOUR)
        raise
