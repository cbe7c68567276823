"""The words of all apps stand together, and each says what it said apart."""

from django.utils.translation import gettext, ngettext, override, pgettext
from django.utils.translation.trans_real import DjangoTranslation, translation

from madoguchi.look.catalogues import fold


def test_a_word_is_looked_up_once() -> None:
    assert len(translation("ja")._catalog._catalogs) == 1


def test_the_words_are_the_same_as_apart() -> None:
    # given the words as Django loads them, one catalogue an app
    apart = DjangoTranslation("ja", domain="django")._catalog
    together = DjangoTranslation("ja", domain="django")
    assert len(apart._catalogs) > 1

    # when they are put together
    fold(together)

    # then all say the same, also those that count
    folded = together._catalog
    assert len(folded._catalogs) == 1
    assert dict(folded.items()) == {word: apart[word] for word, _ in apart.items()}


def test_who_counts_otherwise_stays_apart() -> None:
    both = DjangoTranslation("pl", domain="django")
    polish, japanese = both._catalog, DjangoTranslation("ja", domain="django")._catalog
    polish._catalogs += [japanese._catalogs[0], {"Yes": "はい"}]
    polish._plurals += [japanese._plurals[0]] * 2
    before = polish["Yes"]

    fold(both)

    assert polish._plurals[0](5) == 2
    assert (polish["Yes"], polish._catalogs[-1]["Yes"]) == (before, "はい")


def test_each_language_has_its_own() -> None:
    with override("ja"):
        assert gettext("Cases") == "用件の一覧"
        assert pgettext("by phone", "Call") == "電話する"
        assert ngettext("Passed on %(hops)s time", "Passed on %(hops)s times", 2) == "引き継ぎ %(hops)s 回"
    with override("en"):
        assert (
            ngettext("Passed on %(hops)s time", "Passed on %(hops)s times", 2) == "Passed on %(hops)s times"
        )
