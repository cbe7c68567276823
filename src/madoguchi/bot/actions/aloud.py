"""How articles sound is kept beside them, so that who types kana finds what is written with kanji."""

from madoguchi.bot.reader import READER, Reader, Unreadable
from madoguchi.infra import scope
from madoguchi.knowledge.actions.sounding import keep_sound
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.reading import as_words

AT_ONCE = 50


def read_aloud(*, reader: Reader = READER) -> int:
    """Have approved Japanese versions read that were not yet, some at once; returns how many. One that breaks the
    reader is known by its title from then on, and holds up no other. Raises Unreadable where nothing can be read.
    """
    with scope.everywhere(reason="articles of any company may have been approved"):
        waiting = ArticleVersion.objects.filter(
            state=ArticleVersion.State.APPROVED, article__language=Article.Language.JA, reading=""
        )
        found = list(waiting.order_by("-id").values_list("company_id", "pk", "title", "body")[:AT_ONCE])
    if not found:
        return 0
    texts = [(title, as_words(body)) for _company, _pk, title, body in found]
    try:
        sounds = reader.aloud(texts)
    except Unreadable:
        sounds = [_alone(text, reader) for text in texts]
    for (company, pk, title, _body), sound in zip(found, sounds, strict=True):
        keep_sound(company, pk, sound or title)
    return len(found)


def _alone(text: tuple[str, str], reader: Reader) -> str:
    """How one sounds; empty where it alone cannot be read. Raises Unreadable where another cannot either."""
    try:
        return reader.aloud([text])[0]
    except Unreadable:
        reader.aloud([("あ", "あ")])
        return ""
