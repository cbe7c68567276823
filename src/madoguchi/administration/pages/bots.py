"""Bots: which desks have one, how it answers, and at which words a person takes over."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration import queries
from madoguchi.administration.bot_curve import curve_shown, taken_over
from madoguchi.administration.forms.bots import BotForm, LimitsForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.bot.actions import set_bot, set_limit_words
from madoguchi.bot.queries import bot_of, limit_words, with_bots
from madoguchi.companies.queries import companies_with, company_with, desk_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.knowledge.models import Article
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.DESKS)
def bots(request: StaffRequest) -> HttpResponse:
    """The desks that one sets up, and whether a bot answers there."""
    page = page_of(request, with_bots(queries.desks(request.actor)))
    companies = companies_with(request.actor, Permission.DESKS)
    return show(request, "bots", section="bots", page=page, companies=companies)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def bot(request: StaffRequest, pk: int) -> HttpResponse:
    """How the bot of a desk answers."""
    desk = desk_to_set_up(request.actor, pk)
    form = BotForm(request.POST or None, instance=bot_of(desk), initial=taken_over(request.GET))
    if request.POST and carried_out(form, lambda **data: set_bot(desk, **data, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:bots")
    known = curve_shown(desk, request.GET.get("right", ""))
    return show_form(
        request, "bot", section="bots", form=form, desk=desk, languages=Article.Language.choices, **known
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def limits(request: StaffRequest, company: int) -> HttpResponse:
    """At which words a person takes over at once, at all desks of a company."""
    found = company_with(request.actor, company, Permission.DESKS)
    form = LimitsForm(request.POST or None, words=limit_words(found.pk))
    changed: list[object] = []
    if request.POST and carried_out(
        form, lambda **_data: changed.extend(set_limit_words(found, form.by_kind(), by=request.actor))
    ):
        words = ngettext("Saved: %(n)s list changed.", "Saved: %(n)s lists changed.", len(changed))
        say(request, text=words % {"n": len(changed)})
        return redirect("administration:bot_limits", company)
    return show_form(request, "bot_limits", section="bots", form=form, company=found)
