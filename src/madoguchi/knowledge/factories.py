"""Articles made up for tests and samples."""

import io
import struct

from PIL import Image

from madoguchi.companies.models import Company, Desk
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File
from madoguchi.knowledge.actions import (
    Said,
    Settings,
    Term,
    add_article,
    add_file,
    approve_version,
    ask_for_approval,
    write_article,
)
from madoguchi.knowledge.models import Article


def png_head(width: int, height: int) -> bytes:
    """The first bytes of a picture of this size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0"


def png(width: int = 40, height: int = 30) -> bytes:
    """A picture of this size, as it is kept."""
    return _drawn("PNG", width, height)


def _drawn(kind: str, width: int, height: int) -> bytes:
    made = io.BytesIO()
    Image.new("L", (width, height), 200).save(made, kind)
    return made.getvalue()


PNG, GIF = png(), _drawn("GIF", 8, 8)


def add_picture(company: Company, *, by: Actor, content: bytes = PNG, filename: str = "図.png") -> str:
    """The name of a picture or a file that somebody has just put into what they write."""
    return add_file(company, File(filename, "", content), by=by).name


def make_article(
    company: Company,
    *,
    by: Actor,
    title: str = "返品の送料",
    body: str = "不良品のときは当社が送料を負担します。",
    desk: Desk | None = None,
    audience: str = Article.Audience.BOTH,
    folder: str = "",
) -> Article:
    """An article whose first version is a draft."""
    settings = Settings(desk=desk, audience=audience, folder=folder)
    return add_article(company, Said(title, body), settings, by=by)


def approve(article: Article, *, by: Actor, term: Term | None = None, corrects: bool = False) -> Article:
    """Put the newest version in force, by somebody who may both ask and approve."""
    version = ask_for_approval(article, by=by)
    approve_version(article, version.number, term=term, corrects=corrects, by=by)
    return article


def approved(company: Company, *, by: Actor, term: Term | None = None, **said: str) -> Article:
    """An article in force."""
    return approve(make_article(company, by=by, **said), by=by, term=term)


def rewrite(
    article: Article, body: str, *, by: Actor, corrects: bool = False, wrong_since: int | None = None
) -> Article:
    """Other words of an article, in force; that correct what was wrong from a version on, where one is named."""
    write_article(article, Said(article.title, body), by=by)
    version = ask_for_approval(article, by=by)
    wrong = corrects or wrong_since is not None
    approve_version(article, version.number, corrects=wrong, wrong_since=wrong_since, by=by)
    return article
