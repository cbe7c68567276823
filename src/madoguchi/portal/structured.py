"""What search engines and assistants are told of an article, by the words of schema.org. Pure."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from madoguchi.helpcentre.models import HelpCentre
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.reading import as_words

_CONTEXT = "https://schema.org"


def article_data(version: ArticleVersion, address: str) -> SafeString:
    """A question with the answer that its company accepts."""
    return _written(
        {
            "@type": "FAQPage",
            "url": address,
            "inLanguage": version.article.language,
            "mainEntity": [
                {
                    "@type": "Question",
                    "name": version.title,
                    "acceptedAnswer": {"@type": "Answer", "text": as_words(version.body)},
                }
            ],
        }
    )


def breadcrumbs(centre: HelpCentre, version: ArticleVersion, home: str) -> SafeString:
    """The way to an article from the first page."""
    names = [(centre.title or centre.company.name, home), (version.title, "")]
    items = [
        {"@type": "ListItem", "position": at, "name": name, **({"item": place} if place else {})}
        for at, (name, place) in enumerate(names, 1)
    ]
    return _written({"@type": "BreadcrumbList", "itemListElement": items})


def _written(data: dict[str, Any]) -> SafeString:
    """JSON that nothing in it can end: the signs by which HTML begins and ends are written by their numbers."""
    text = json.dumps({"@context": _CONTEXT, **data}, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return mark_safe(text)  # noqa: S308  # no sign of HTML is left in it
