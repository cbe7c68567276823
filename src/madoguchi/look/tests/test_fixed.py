"""Fixed words and addresses: the same as Django's own tags give, in every language and for every value."""

from typing import Any

import pytest
from django.template import Template, engines
from django.template.base import TextNode
from django.template.library import SimpleNode
from django.urls import NoReverseMatch
from django.utils import translation

from madoguchi.look.fixed import FixedWords
from madoguchi.look.templatetags import look

pytestmark = pytest.mark.urls("madoguchi.look.tests.urls")
DJANGOS = "{% load i18n static %}"


def both(source: str, **values: object) -> tuple[str, str]:
    """What our tags and Django's own make of a template, each rendered twice."""
    ours, djangos = (engines["django"].from_string(head + source) for head in ("", DJANGOS))
    for template in (ours, djangos):
        template.render(values)
    return ours.render(values), djangos.render(values)


def nodes(source: str, kind: type) -> list[object]:
    template: Template = engines["django"].from_string(source).template
    return template.nodelist.get_nodes_by_type(kind)


@pytest.mark.parametrize(
    "source",
    [
        "{% translate 'Save' %}",
        '{% translate "Save" as words %}<b title="{{ words }}">{{ words }}</b>',
        "{% translate 'Save' noop %}",
        "{% translate '-sama' context 'after a name' %}",
        "{% translate '100 %% & <b>' %}",
        "{% autoescape off %}{% translate '<b>' %}{% endautoescape %}",
        "{% translate words %}",
        "{% translate words|default:'Cancel' %}",
        "{% translate 'Save'|upper %}",
        "{% translate 'Save' context where %}",
    ],
)
def test_words_are_those_of_django(source: str) -> None:
    for language in ("ja", "en"):
        with translation.override(language):
            ours, djangos = both(source, words="Save", where="after a name")
            assert ours == djangos


def test_only_fixed_words_are_looked_up_once() -> None:
    assert len(nodes("{% translate 'Save' %}{% translate 'Save' as x %}", FixedWords)) == 2
    assert nodes("{% translate words %}{% translate 'Save'|upper %}", FixedWords) == []
    assert nodes("{% translate 'Save' context where %}", FixedWords) == []


def test_the_same_template_speaks_each_readers_language() -> None:
    template = engines["django"].from_string("{% translate 'Save' %}")
    said = []
    for language in ("ja", "en", "ja"):
        with translation.override(language):
            said.append(template.render())
    assert said == ["保存", "Save", "保存"]


ADDRESS = "{% url 'account_reset_password_from_key' uidb36=who key=key %}"


def test_an_address_follows_its_values() -> None:
    for who, key in (("1", "a"), ("2", "a"), ("1", "b&<"), ("1", "a")):
        ours, djangos = both(ADDRESS, who=who, key=key)
        assert ours == djangos
    assert both("{% url 'set_language' as it %}{{ it }}") == ("/i18n/setlang/", "/i18n/setlang/")
    assert both("{% autoescape off %}" + ADDRESS + "{% endautoescape %}", who="1", key="&")[0].endswith("-&/")


def test_files_are_found_where_django_finds_them() -> None:
    for source in ("{% static 'look/base.css' %}", "{% static file as it %}{{ it }}", "{% static 'a&b' %}"):
        ours, djangos = both(source, file="look/mark.svg")
        assert ours == djangos != ""


def test_an_address_follows_the_addresses_of_the_installation(settings: Any) -> None:
    template = engines["django"].from_string("{% url 'account_login' %}")
    assert template.render() == "/accounts/login/"
    settings.ROOT_URLCONF = "madoguchi.project.urls"
    assert template.render() == "/account/login/"


def test_an_address_that_does_not_exist_is_an_error_unless_it_is_kept() -> None:
    with pytest.raises(NoReverseMatch):
        engines["django"].from_string("{% url 'nowhere' %}").render()
    assert engines["django"].from_string("{% url 'nowhere' as it %}[{{ it }}]").render() == "[]"


def test_an_icon_whose_arguments_are_written_out_is_drawn_once() -> None:
    plain, sized, labelled = (
        '{% icon "x-mark" %}',
        '{% icon "x-mark" size=16 %}',
        '{% icon "x-mark" label="End" %}',
    )

    assert nodes(plain + sized + labelled, SimpleNode) == []
    assert len(nodes(plain + sized + labelled, TextNode)) == 3
    drawn = [engines["django"].from_string(source).render() for source in (plain, sized, labelled)]
    assert drawn == [look.icon("x-mark"), look.icon("x-mark", size=16), look.icon("x-mark", label="End")]


@pytest.mark.parametrize(
    "tag",
    ["icon name", 'icon "x-mark" label=said', 'icon "x-mark" size=big|add:4', "icon name|lower as kept"],
)
def test_an_icon_that_depends_on_the_page_follows_it(tag: str) -> None:
    template = engines["django"].from_string("{% " + tag + " %}{{ kept }}")

    drawn = [
        template.render({"name": name, "said": name, "big": size})
        for name, size in (("x-mark", 12), ("check", 20))
    ]

    assert drawn[0].startswith("<svg")
    assert drawn[0] != drawn[1]
