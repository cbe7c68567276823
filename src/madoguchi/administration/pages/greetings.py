"""What a desk says by itself to whoever writes in further languages."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods

from madoguchi.administration.forms.greetings import NAMES, GreetingsForm
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.cases.queries import reply_time
from madoguchi.companies.actions import set_acknowledgements
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desk_to_set_up
from madoguchi.delivery.abroad import template_for
from madoguchi.delivery.wording import acknowledgement, usual_reply_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.languages import ABROAD
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@dataclass(frozen=True, slots=True)
class Greeting:
    """An acknowledgement as a customer gets it, and in which language it is."""

    name: str
    language: str
    text: str


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def greetings(request: StaffRequest, pk: int) -> HttpResponse:
    """Acknowledgements in further languages; with `preview` in the form they are shown, not saved."""
    found = desk_to_set_up(request.actor, pk)
    form = GreetingsForm(request.POST or None, texts=found.acknowledgements)
    if "preview" not in request.POST and carried_out(
        form, lambda **texts: set_acknowledgements(found, texts=texts, by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:desk_languages", pk=pk)
    shown = previews(form, found)
    return show_form(request, "greetings", section="desks", form=form, desk=found, previews=shown)


def previews(form: GreetingsForm, desk: Desk) -> list[Greeting]:
    """The letters in each language that has one, by the texts that stand in the form now or else by ours."""
    seconds, now = reply_time(desk.pk, at=clock.now()), []
    with override("en"):
        for language in ABROAD:
            text = form.text_of(language)
            if text or template_for(language):
                values = _values(desk, usual_reply_time(seconds, language=language))
                now.append((language, acknowledgement(text, values, language=language).strip()))
    return [Greeting(str(NAMES[language]), language, text) for language, text in now]


def _values(desk: Desk, usual: str) -> dict[str, str]:
    return {
        "customer": _("Hanako Yamada"),
        "case": "A-1001",
        "subject": _("About the size of a coat"),
        "desk": desk.public_name,
        "greeting": desk.greeting,
        "hours": desk.hours,
        "signature": desk.signature,
        "reply_time": usual,
        "link": "https://…/my/…",
    }
