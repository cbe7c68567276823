"""Turning mails about notifications off, from the mail itself and without a sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from madoguchi.desk.pages.parts import private
from madoguchi.following.quiet import quiet_by, reader_of, turn
from madoguchi.people.access import public


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public("mail programs press the button: whoever holds the signed address has the mail that it turns off")
def quiet(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to turn such mails off (looking changes nothing); posted, turn them off, and offer to undo it. An
    address that has expired leads to the wishes.
    """
    wanted = quiet_by(token)
    reader = reader_of(wanted)
    undoing = turn(wanted) if request.method == "POST" else None
    with override(reader.language):
        status = 410 if wanted.expired else 200
        context = {"quiet": wanted, "undoing": undoing, "address": reader.email}
        return private(request, render(request, "desk/quiet.html", context, status=status))
