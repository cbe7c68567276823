"""Pictures and files of articles, for whoever may read the article at this moment, and for nobody else."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from madoguchi.helpcentre.queries import open_centre, to_read
from madoguchi.infra import scope
from madoguchi.kernel.pictures import may_be_shown
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import content_of, file_of_version
from madoguchi.people.access import public
from madoguchi.portal.links import open_article_link
from madoguchi.portal.queries import article_for_customers
from madoguchi.portal.uploads import ANY_TYPE

# What is not in force any more is gone from a reader's browser soon after.
_KEPT = "private, max-age=300"


@public("what stands in an article for customers, while it is in force")
@require_safe
def of_article(request: HttpRequest, signed: str, name: str) -> HttpResponse:
    """A picture or a file of the article behind a link of ours. Raises NotFound."""
    company, pk = open_article_link(signed)
    with scope.acting_for([company]):
        return _shown(article_for_customers(company, pk), name)


@public("a help centre is for anybody, once the company has opened it")
@require_safe
def of_help_article(request: HttpRequest, company: str, pk: int, name: str) -> HttpResponse:
    """A picture or a file of an article in an open help centre. Raises NotFound."""
    found = open_centre(company)
    with scope.acting_for([found.company_id]):
        return _shown(to_read(found, pk), name)


def _shown(version: ArticleVersion, name: str) -> HttpResponse:
    """Shown is what its first bytes prove to be a picture; all else is saved. In either nothing can act."""
    file = file_of_version(version, name)
    content = content_of(file)
    kind = may_be_shown(content)
    response = HttpResponse(content, content_type=kind or ANY_TYPE)
    if not kind:
        response.headers["Content-Disposition"] = content_disposition_header(True, file.filename)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = _KEPT
    return response
