"""How allauth behaves here: people are invited, they never sign themselves up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.people.devices import forget_tries, know_device, use_try
from madoguchi.people.models import User


class Adapter(DefaultAccountAdapter):
    """allauth's questions, answered for staff of a support centre."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        # allauth counts failures by login alone: whoever knows one could keep its person out.
        self._login_failed_rl_usage = use_try(request, credentials.get("email", ""))
        if self._login_failed_rl_usage is None:
            raise self.validation_error("too_many_login_attempts")

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        forget_tries(request, credentials.get("email", ""))

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **more)
        know_device(request, response, user.email)
        return response

    def clean_email(self, email: str) -> str:
        return canonical(IdentityKind.EMAIL, super().clean_email(email))


def password_link(person: User) -> str:
    """The path under which somebody sets a password: good once, for as long as PASSWORD_RESET_TIMEOUT."""
    key = default_token_generator.make_token(person)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), key])
