"""How allauth behaves here: people are invited, they never sign themselves up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest
from django.urls import reverse

from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.people.models import User


class Adapter(DefaultAccountAdapter):
    """allauth's questions, answered for staff of a support centre."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_email(self, email: str) -> str:
        return canonical(IdentityKind.EMAIL, super().clean_email(email))


def password_link(person: User) -> str:
    """The path under which somebody sets a password: good once, for as long as PASSWORD_RESET_TIMEOUT."""
    key = default_token_generator.make_token(person)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), key])
