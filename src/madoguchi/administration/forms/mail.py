"""Forms of mail servers and senders."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm, offer
from madoguchi.channels.email.actions import MailboxSettings, OAuthSettings, SmtpSettings
from madoguchi.channels.email.models import Mailbox, OAuthAccount, Security, SignIn, SmtpServer
from madoguchi.channels.email.oauth import Provider
from madoguchi.companies.models import Company
from madoguchi.intake.models import SenderRule


class SenderForm(forms.Form):
    """A sender for one of a company's lists."""

    company = forms.TypedChoiceField(label=_("Company"), coerce=int)
    pattern = forms.CharField(
        label=_("Mail address or domain"),
        max_length=254,
        help_text=_("A domain counts for everything below it, too."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "shop.example"}),
    )
    kind = forms.TypedChoiceField(
        label=_("What happens to the mail"),
        choices=reversed(SenderRule.Kind.choices),
        coerce=SenderRule.Kind,
    )

    def __init__(self, data: Any = None, *, companies: Iterable[Company], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self.fields["company"], [(c.pk, c.name) for c in companies])


class ServerForm(RowForm):
    """What both kinds of mail server ask. A stored password is never shown again, not even read."""

    field_order = ["host", "port", "security", "username", "sign_in", "password"]

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sign_in"].required = False
        self.fields["sign_in"].help_text = _(
            "With OAuth 2 no password is stored; somebody consents once, under “OAuth 2” above."
        )
        if self.instance.pk and self.instance.sign_in == SignIn.PASSWORD:
            self.fields["password"].help_text = _("One is stored. Write here only to replace it.")

    def given(self) -> dict[str, Any]:
        """What was entered, the password apart."""
        given = {k: v for k, v in self.cleaned_data.items() if k != "password"}
        given["security"] = Security(given["security"])
        return {**given, "sign_in": SignIn(given["sign_in"] or SignIn.PASSWORD)}

    def secret(self) -> str | None:
        """The password to store; None keeps the one that is stored."""
        return self.cleaned_data["password"] or None


class MailboxForm(ServerForm):
    """Where a mailbox is."""

    class Meta:
        model = Mailbox
        fields = ["host", "port", "security", "username", "sign_in", "folder", "active"]

    def settings(self) -> MailboxSettings:
        """The settings as the action takes them."""
        return MailboxSettings(**self.given())


class SmtpForm(ServerForm):
    """By which server mail leaves."""

    class Meta:
        model = SmtpServer
        fields = [
            "host",
            "port",
            "security",
            "username",
            "sign_in",
            "return_addresses",
            "per_minute",
            "at_once",
            "active",
        ]
        help_texts = {
            "per_minute": _("0: as many as come. What is more waits for its turn, which is no failure."),
            "at_once": _("0: as many as this installation allows."),
            "return_addresses": _(
                "So that a mail which comes back is known for certain, whatever the other server writes. Switch it"
                " on once you have seen a mail to support+test@… arrive here as a case: where the mailbox takes no"
                " such address, all news of mail that came back would be lost."
            ),
        }

    def settings(self) -> SmtpSettings:
        """The settings as the action takes them."""
        return SmtpSettings(**self.given())


class OAuthForm(RowForm):
    """Who asks for tokens to a mail account. A stored secret is never shown again, not even read."""

    field_order = ["provider", "client_id", "secret", "tenant"]

    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Google gives one; a public app of Microsoft has none. A stored one is kept when this is empty."
        ),
    )

    class Meta:
        model = OAuthAccount
        fields = ["provider", "client_id", "tenant"]
        help_texts = {
            "tenant": _("Microsoft alone: the ID or domain of your directory. Empty: any work account.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [choice for choice in Provider.choices if choice[0] != Provider.OTHER]
        offer(self.fields["provider"], known)

    def settings(self) -> OAuthSettings:
        """The settings as the action takes them."""
        given = {k: v for k, v in self.cleaned_data.items() if k != "secret"}
        return OAuthSettings(**{**given, "provider": Provider(given["provider"])})


class TestMailForm(forms.Form):
    """To whom a test goes."""

    __test__ = False
    to = forms.EmailField(label=_("Send a test to"))
