"""How articles sound is kept beside them, so that who types kana finds what is written with kanji."""

from madoguchi.bot.reader import READER, Reader
from madoguchi.infra import scope
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.reading import as_words

AT_ONCE = 50


def read_aloud(*, reader: Reader = READER) -> int:
    """Have approved Japanese versions read that were not yet, some at once; returns how many. Raises Unreadable."""
    with scope.everywhere(reason="articles of any company may have been approved"):
        waiting = ArticleVersion.objects.filter(
            state=ArticleVersion.State.APPROVED, article__language=Article.Language.JA, reading=""
        )
        found = list(waiting.order_by("-id").values_list("company_id", "pk", "title", "body")[:AT_ONCE])
    if not found:
        return 0
    sounds = reader.aloud([(title, as_words(body)) for _company, _pk, title, body in found])
    for (company, pk, title, _body), sound in zip(found, sounds, strict=True):
        with scope.acting_for([company]):
            ArticleVersion.objects.filter(pk=pk).update(reading=sound or title)
    return len(found)
