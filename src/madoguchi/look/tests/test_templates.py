"""Every template of the look renders, in both languages, without anything the CSP would refuse."""

import re
from pathlib import Path

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from madoguchi import look
from madoguchi.look.pages import GuideForm, guide

pytestmark = pytest.mark.urls("madoguchi.look.tests.urls")

ROOT = Path(look.__file__).parent
TEMPLATES = sorted(
    path.relative_to(ROOT / "templates").as_posix() for path in ROOT.glob("templates/**/*.html")
)
PAGES = [
    "400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html",
    "look/shell.html", "look/plain.html", "look/customer.html", "account/login.html", "account/logout.html",
    "account/password_change.html", "account/password_reset.html", "account/password_reset_done.html",
    "account/password_reset_from_key.html", "account/password_reset_from_key_done.html",
    "mfa/index.html", "mfa/totp/activate_form.html",
    "mfa/totp/deactivate_form.html", "mfa/recovery_codes/index.html", "mfa/recovery_codes/generate.html",
    "mfa/authenticate.html", "mfa/webauthn/add_form.html", "mfa/webauthn/authenticator_list.html",
    "mfa/reauthenticate.html", "account/reauthenticate.html", "usersessions/usersession_list.html",
]  # fmt: skip


class CodeForm(forms.Form):
    """Stands for the forms that allauth gives its pages."""

    code = forms.CharField(label="確認コード")
    credential = forms.CharField(widget=forms.HiddenInput, required=False)
    passwordless = forms.BooleanField(required=False)
    secret = "ABCD EFGH"


def context():
    return {
        "request": RequestFactory().get("/"),
        "form": CodeForm({}),
        "webauthn_form": CodeForm(),
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes", "webauthn"],
        "PASSKEY_LOGIN_ENABLED": True,
        "company_name": "はなもと電器",
        "company_accent": 3,
        "csrf_token": "t",
    }


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name):
    assert get_template(name).template.nodelist is not None


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_renders_within_the_csp(name, language):
    with translation.override(language):
        page = render_to_string(name, context())
    assert f'<html lang="{language}" data-theme="auto"' in page
    assert page.count('id="main"') == 1
    assert page.count("<h1") <= 1
    assert_allowed(page)


def assert_allowed(page):
    assert not re.search(r"\sstyle=", page)
    assert not re.search(r"\son[a-z]+=", page)
    for opening in re.findall(r"<script[^>]*>", page):
        assert "src=" in opening or "application/json" in opening, opening


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_says_what_to_do_even_with_no_context_at_all(name):
    with translation.override("ja"):
        page = render_to_string(f"{name}.html")
    assert '<a class="button main" href="/">最初のページへ</a>' in page
    assert len(re.findall(r"<p>[^<]+。</p>", page)) >= 1


def test_the_guide_shows_every_component():
    with translation.override("ja"):
        page = guide(RequestFactory().get("/guide/")).content.decode()
    used = set(re.findall(r"<c-([a-z-]+)", (ROOT / "templates/look/guide.html").read_text()))
    components = {path.stem.replace("_", "-") for path in (ROOT / "templates/cotton").glob("*.html")}
    assert components - used == {"field"}
    assert "<c-" not in page
    assert_allowed(page)


def test_every_component_is_documented_at_its_top():
    for path in (ROOT / "templates/cotton").glob("*.html"):
        assert path.read_text().startswith("{% comment %} <c-"), path.name


def test_every_static_file_that_a_template_names_exists():
    named = {
        found
        for path in ROOT.glob("templates/**/*.html")
        for found in re.findall(r"{% static '([^']+)' %}", path.read_text())
    }
    assert {name for name in named if not finders.find(name)} == set()
    assert "look/app.js" in named


class TestField:
    def test_label_help_and_error_are_tied_to_the_control(self):
        field = GuideForm({"email": "x"})["name"]
        with translation.override("ja"):
            html = render_to_string("look/field.html", {"field": field})
        assert '<label for="id_name">お名前<span class="need">必須</span>' in html
        assert 'aria-describedby="id_name_helptext id_name_error"' in html
        assert 'aria-invalid="true"' in html
        assert '<div class="help" id="id_name_helptext">' in html
        assert '<div class="error" id="id_name_error">' in html

    def test_choices_stand_in_a_fieldset_with_a_legend(self):
        html = render_to_string("look/field.html", {"field": GuideForm({})["reply_by"]})
        assert '<fieldset class="field" aria-describedby="id_reply_by_error"><legend>ご連絡の方法' in html

    def test_an_optional_field_carries_no_mark(self):
        html = render_to_string("look/field.html", {"field": GuideForm()["due"]})
        assert 'class="need"' not in html

    def test_a_hidden_field_is_only_itself(self):
        html = render_to_string("look/field.html", {"field": CodeForm()["credential"]})
        assert html.strip() == '<input type="hidden" name="credential" id="id_credential">'


def test_the_pager_keeps_the_query():
    request = RequestFactory().get("/guide/?q=返品&page=3")
    with translation.override("ja"):
        html = guide(request).content.decode()
    assert 'rel="prev" href="?q=%E8%BF%94%E5%93%81&amp;page=2">前へ</a>' in html
    assert "2000ページ中 3ページ" in html


def test_the_customers_page_has_the_companys_name_and_accent():
    page = render_to_string("look/customer.html", context())
    assert 'data-accent="3"' in page
    assert "· はなもと電器</title>" in page
    assert "htmx" not in page


def test_engines_know_our_tags():
    source = "{% load look %}{% icon 'check' size=16 %}"
    assert "<svg" in engines["django"].from_string(source).render({})


def test_a_packages_unlabelled_field_is_labelled_in_japanese():
    class NameForm(forms.Form):
        name = forms.CharField()

    with translation.override("ja"):
        ours = render_to_string("look/fields.html", {"form": NameForm()})
        theirs = render_to_string("look/fields.html", {"form": NameForm(), "translate_label": True})
    assert '<label for="id_name">Name<' in ours
    assert '<label for="id_name">名前<' in theirs
