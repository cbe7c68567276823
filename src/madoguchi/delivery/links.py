"""The address of a customer's own page. The portal lies above this package, so it is bound from outside."""

from collections.abc import Callable

from madoguchi.knowledge.reading import as_words

_link: Callable[[int, int, int], str] | None = None
_article: Callable[[int, int], str] | None = None
_file: Callable[[int, int], str] | None = None
_form: Callable[[str], str] | None = None


def register(link: Callable[[int, int, int], str]) -> None:
    """Use this to make the address of a case's page, from case id, company id and generation."""
    global _link
    _link = link


def case_page(case: int, company: int, generation: int = 1) -> str:
    """The absolute address of a customer's own case page; empty when no portal is bound."""
    return _link(case, company, generation) if _link else ""


def register_articles(link: Callable[[int, int], str]) -> None:
    """Use this to make the address under which customers read an article, from company id and article id."""
    global _article
    _article = link


def article_page(company: int, article: int) -> str:
    """The absolute address under which customers read an article; empty when no portal is bound."""
    return _article(company, article) if _article else ""


def words_with_links(body: str, *, company: int, article: int) -> str:
    """The words of an article as customers are written them: pictures and files are links to them."""
    page = article_page(company, article)
    return as_words(body, (lambda name: f"{page}files/{name}") if page else None)


def register_files(link: Callable[[int, int], str]) -> None:
    """Use this to make the address under which a file of ours is fetched, from company id and attachment id."""
    global _file
    _file = link


def file_page(attachment: int, company: int) -> str:
    """The absolute address under which a file that we sent is fetched; empty when no portal is bound."""
    return _file(company, attachment) if _file else ""


def register_forms(link: Callable[[str], str]) -> None:
    """Use this to make the address of a form, from that of its entry point."""
    global _form
    _form = link


def form_page(address: str) -> str:
    """The absolute address under which customers fill in a form; empty when no portal is bound."""
    return _form(address) if _form else ""
