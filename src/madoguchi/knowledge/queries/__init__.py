"""What is asked of knowledge: templates to answer with, articles to read and to rest on."""

from madoguchi.knowledge.queries.articles import (
    FOR_CUSTOMERS,
    article_by_id,
    articles_in_sight,
    articles_named,
    companies_of_articles,
    in_force,
    needs_another,
    published,
    published_for,
    shown_version,
    version_of,
    versions_of_article,
    waiting_for_approval,
    wants_four_eyes,
)
from madoguchi.knowledge.queries.files import content_of, file_in_sight, file_of_version, shown_in
from madoguchi.knowledge.queries.reading import NotYet, not_yet, unread_by
from madoguchi.knowledge.queries.suggested import suggested
from madoguchi.knowledge.queries.templates import (
    VARIABLES,
    fill,
    template_to_edit,
    templates_for_desk,
    templates_to_choose,
    templates_to_edit,
    unknown_variables,
    versions_of,
)

__all__ = [
    "FOR_CUSTOMERS",
    "VARIABLES",
    "NotYet",
    "article_by_id",
    "articles_in_sight",
    "articles_named",
    "companies_of_articles",
    "content_of",
    "file_in_sight",
    "file_of_version",
    "fill",
    "in_force",
    "needs_another",
    "not_yet",
    "published",
    "published_for",
    "shown_in",
    "shown_version",
    "suggested",
    "template_to_edit",
    "templates_for_desk",
    "templates_to_choose",
    "templates_to_edit",
    "unknown_variables",
    "unread_by",
    "version_of",
    "versions_of",
    "versions_of_article",
    "waiting_for_approval",
    "wants_four_eyes",
]
