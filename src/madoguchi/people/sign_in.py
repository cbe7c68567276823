"""How allauth behaves here: people are invited, they never sign themselves up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from madoguchi.kernel.identity import IdentityKind, canonical


class Adapter(DefaultAccountAdapter):
    """allauth's questions, answered for staff of a support centre."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_email(self, email: str) -> str:
        return canonical(IdentityKind.EMAIL, super().clean_email(email))
