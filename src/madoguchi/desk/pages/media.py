"""By which medium and store customers come, and what is to be expected of what appears."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madoguchi.desk.media import SPANS, by_medium, by_purchase, forecast, media_events, referred
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.desk.store_figures import by_store
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.text import whole_number
from madoguchi.people.access import requires


@require_safe
@requires(Permission.MEDIA_READ)
def media(request: DeskRequest) -> HttpResponse:
    """What came by each medium, code and store in the last days."""
    asked = whole_number(request.GET.get("days", ""))
    days, actor = asked if asked in SPANS else SPANS[1], request.actor
    context: Context = {"days": days, "spans": SPANS, "events": media_events(actor)}
    context |= {"by_medium": by_medium(actor, days=days), "by_purchase": by_purchase(actor, days=days)}
    context |= {"stores": by_store(actor, days=days), "referred": referred(actor, days=days)}
    return apart(request, "desk/media.html", context)


@require_safe
@requires(Permission.MEDIA_READ)
def media_event(request: DeskRequest, pk: int) -> HttpResponse:
    """How many calls come of what appears, and how many people they need."""
    return apart(request, "desk/media_event.html", {"forecast": forecast(pk, actor=request.actor)})
