"""What a page draws many times over: the templates in `loops/`, which Jinja2 compiles to Python.

Fifty rows take it a seventh of the time that Django's templates take (docs/decisions/0046). Everything else of a page
is a template of Django, which puts one of these where it belongs: `{% loop "rows" rows=rows open_row=open_row %}`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.middleware.csrf import get_token
from django.template.defaultfilters import filesizeformat, truncatechars
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as Given

from madoguchi.channels.email.html import shows_from_elsewhere
from madoguchi.desk import stamps, worded
from madoguchi.desk.trust import automatic_name
from madoguchi.look.fixed import address
from madoguchi.look.templatetags.look import face, icon

FOLDER = Path(__file__).parent / "loops"


@pass_context
def csrf_input(given: Given) -> SafeString:
    """The hidden field by which a form shows that it comes from this page, as `{% csrf_token %}` writes it."""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(given["request"])
    )


def draw(name: str, given: Mapping[str, Any]) -> SafeString:
    """A loop by its name, from what it is given. Raises UndefinedError for what is asked of it and not given."""
    return mark_safe(_loops.get_template(f"{name}.html").render(given))  # noqa: S308 - everything is escaped in it


def load_all() -> None:
    """Compile them all, for a process that is about to be forked."""
    for path in FOLDER.glob("*.html"):
        _loops.get_template(path.name)


_loops = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=settings.DEBUG,
)
_loops.globals |= {
    "_": gettext,
    "csrf_input": csrf_input,
    "face": face,
    "icon": icon,
    "moment": stamps.moment,
    "url": address,
}
_loops.filters |= {
    "automatic_name": automatic_name,
    "filesizeformat": filesizeformat,
    "from_elsewhere": shows_from_elsewhere,
    "picture": worded.picture,
    "sound": worded.sound,
    "safe_name": worded.safe_name,
    "status_name": worded.status_name,
    "truncatechars": truncatechars,
}
