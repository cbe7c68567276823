"""What knowledge does when an article is approved."""

from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.kernel.actor import system
from madoguchi.knowledge.actions.contradictions import compare_articles
from madoguchi.knowledge.events import ArticleApproved
from madoguchi.knowledge.models import ArticleVersion


@reacts_to(ArticleApproved, name="knowledge.compare")
def compare(event: Recorded) -> None:
    """Look whether what is in force says otherwise."""
    fact = event.fact()
    if not isinstance(fact, ArticleApproved):
        return
    version = ArticleVersion.objects.filter(article=fact.article, number=fact.number).first()
    if version is not None:
        compare_articles(event.company, version=version.pk, by=system("knowledge"))
