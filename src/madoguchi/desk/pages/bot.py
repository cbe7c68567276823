"""The bot beside the people of a desk: handing a talk back to it, how it does, and what it could not answer."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.bot.actions import hand_back
from madoguchi.bot.audits import WEEKS, audit_of
from madoguchi.bot.figures import DAYS, figures_of
from madoguchi.bot.queries import bots_at, measured_of, unanswered
from madoguchi.companies.queries import desks_of
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import Context, DeskRequest, acted, apart, the_case
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import requires

PER_PAGE = 50


@require_POST
@requires(Permission.CASE_REPLY)
def back(request: DeskRequest, number: str) -> HttpResponse:
    """Let the bot answer again in a talk that a person took over."""
    case = the_case(request, number)
    hand_back(case, by=request.actor)
    return acted(request, case, _("The bot answers here again."))


@require_safe
@requires(Permission.CASE_READ)
def scores(request: DeskRequest) -> HttpResponse:
    """How the bots of the reader's desks did in the last 30 days, and what they could not answer."""
    desks = desks_of(request.actor)
    page = Paginator(unanswered(desks, days=DAYS), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, one.case.spoken_number(one.case.company.prefix)) for one in page]
    bots = list(bots_at(desks))
    learned = measured_of({bot.company_id for bot in bots})
    scored = [(bot, figures_of(bot), audit_of(bot.desk), learned.get(bot.company_id)) for bot in bots]
    context: Context = {"scored": scored, "page": page, "rows": rows, "days": DAYS, "weeks": WEEKS}
    return apart(request, "desk/bot_scores.html", context | around(request, "bot"))
