"""How many people a desk's calls need, and where a desk of one's own pays."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madoguchi.companies.queries import desks_of
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.desk.planning import PlanningForm, begun, cost_of, needed_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.text import whole_number
from madoguchi.people.access import requires


@require_safe
@requires(Permission.CASE_READ)
def planning(request: DeskRequest) -> HttpResponse:
    """A calculator: of a desk it begins with how the last weeks were."""
    desks, wanted = desks_of(request.actor), whole_number(request.GET.get("desk", ""))
    desk = next((one for one in desks if one.pk == wanted), None)
    form = PlanningForm(request.GET if "calls" in request.GET else {"tariffs": ""} | begun(desk))
    context: Context = {"form": form, "desks": desks, "desk": desk}
    if form.is_valid():
        try:
            context |= {"needed": needed_of(form.cleaned_data), **cost_of(form.cleaned_data)}
        except ValueError:
            form.add_error("calls", _("No number of people suffices for this."))
    return apart(request, "desk/planning.html", context, status=422 if form.errors else 200)
