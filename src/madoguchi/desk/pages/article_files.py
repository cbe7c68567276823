"""Pictures and files of articles: put in while one writes, and shown to whoever reads the article."""

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.desk.articles import place_in
from madoguchi.desk.pages.drafts import taken
from madoguchi.desk.pages.files import enclosed
from madoguchi.desk.pages.parts import DeskRequest
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.knowledge.actions import add_file
from madoguchi.knowledge.enclosed import FILES, PICTURES, Shown, is_picture
from madoguchi.knowledge.models import ArticleFile
from madoguchi.knowledge.queries import content_of, file_in_sight, shown_in
from madoguchi.people.access import requires

ACCEPTED = ",".join(f".{ending}" for ending in (*sorted(PICTURES), *FILES))


@require_POST
@requires(Permission.ARTICLES_WRITE)
def add(request: DeskRequest) -> HttpResponse:
    """Keep a picture or a file; the answer has the words by which the article shows it."""
    try:
        company, _desk = place_in(request.POST.get("where", ""), actor=request.actor)
        sent = taken(request.FILES.getlist("file")[:1])
        if not sent:
            raise Refused(_("Choose a file."))
        kept = add_file(company, sent[0], by=request.actor)
    except Refused as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse({"id": kept.pk, "name": kept.filename, "words": _words_for(kept)}, status=201)


@require_safe
@requires(Permission.ARTICLES_READ)
def show(request: DeskRequest, name: str) -> HttpResponse:
    """A picture to look at, or a file to be saved. Raises NotFound."""
    found = file_in_sight(request.actor, name)
    return enclosed(request, content_of(found), filename=found.filename)


def shown_here(body: str) -> dict[str, Shown]:
    """The pictures and files of these words, as the console shows them. One query where there are any."""
    return shown_in(body, lambda name: reverse("desk:article_file", args=[name]))


def _words_for(file: ArticleFile) -> str:
    if is_picture(file.name):
        asks = _("what the picture shows")
        return f"![{{{{{asks}}}}}](files/{file.name})"
    called = "".join(letter for letter in file.filename if letter not in "[]")
    return f"[{called}](files/{file.name})"
