"""A passkey is registered, signs in alone and as the second step, and serves nobody who is locked out."""

import re

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.installation import Installation

pytestmark = [pytest.mark.long, pytest.mark.journey]
PASSWORD = "a-long-password-of-tests"
_PERSON = """
from madoguchi.people.models import User
user = User.objects.create(email=given["email"], name="鍵山 守", is_administrator=True)
user.set_password(given["password"])
user.save()
"""
_LOCK_OUT = """
from madoguchi.people.models import User
User.objects.filter(email=given["email"]).update(is_active=False)
"""
_PLATFORM = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
AT_SIGN_IN = re.compile("/account/")
PROBLEM = "パスキーを確認できませんでした。もう一度お試しになるか、ほかの方法をお選びください。"


@pytest.fixture
def keys(page: Page) -> CDPSession:
    """The browser's developer door, with nothing plugged in yet."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session


def plug_in(keys: CDPSession) -> str:
    """A device with a fingerprint reader that always knows its owner."""
    return str(keys.send("WebAuthn.addVirtualAuthenticator", {"options": _PLATFORM})["authenticatorId"])


def numbered(installation: Installation) -> str:
    """The same place by an address of numbers, to which no passkey can belong."""
    return installation.base_url.replace("localhost", "127.0.0.1")


def with_password(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/account/login/")
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="ログイン", exact=True).click()


def with_passkey(page: Page, site: str) -> None:
    page.goto(f"{site}/account/login/")
    page.get_by_role("button", name="パスキーでログイン").click()


def sign_out(page: Page, site: str) -> None:
    page.goto(f"{site}/account/logout/")
    page.get_by_role("main").get_by_role("button", name="ログアウト").click()
    expect(page.get_by_role("heading", name="ログイン")).to_be_visible()


def register(page: Page, site: str) -> None:
    page.goto(f"{site}/account/mfa/webauthn/add/")
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="確認する").click()
    page.get_by_label("名前").fill("机の端末")
    page.get_by_label("パスワードレス").check()
    page.get_by_role("button", name="追加").click()


def test_a_passkey_signs_in_alone_and_as_the_second_step(
    installation: Installation, page: Page, keys: CDPSession
) -> None:
    site, email = installation.base_url, "kagiyama@midori.example"
    installation.act(_PERSON, email=email, password=PASSWORD)
    authenticator = plug_in(keys)
    with_password(page, site, email)
    expect(page).not_to_have_url(AT_SIGN_IN)

    # It is registered in the pages of one's own account.
    register(page, site)
    expect(page.get_by_role("heading", name="リカバリーコード")).to_be_visible()
    page.goto(f"{site}/account/mfa/webauthn/")
    expect(page.get_by_role("listitem").filter(has_text="机の端末")).to_contain_text("まだ使われていません")
    kept = keys.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert [(c["rpId"], c["isResidentCredential"]) for c in kept] == [("localhost", True)]

    # It signs in alone, without a name or a password.
    sign_out(page, site)
    with_passkey(page, site)
    expect(page).not_to_have_url(AT_SIGN_IN)
    page.goto(f"{site}/account/mfa/webauthn/")
    expect(page.get_by_role("listitem").filter(has_text="机の端末")).not_to_contain_text(
        "まだ使われていません"
    )

    # A password alone no longer does: the passkey is the second step.
    sign_out(page, site)
    with_password(page, site, email)
    expect(page).to_have_url(f"{site}/account/mfa/authenticate/")
    page.goto(f"{site}/cases/")
    expect(page).to_have_url(f"{site}/account/mfa/authenticate/")
    page.get_by_role("button", name="セキュリティキーを使用する").click()
    expect(page).not_to_have_url(AT_SIGN_IN)

    # Who is locked out is not let in by a key either.
    sign_out(page, site)
    installation.act(_LOCK_OUT, email=email)
    with_passkey(page, site)
    expect(page).to_have_url(f"{site}/account/inactive/")
    page.goto(f"{site}/account/sessions/")
    expect(page).to_have_url(f"{site}/account/login/?next=/account/sessions/")


def test_a_passkey_that_fails_says_so_on_the_page(
    installation: Installation, page: Page, keys: CDPSession
) -> None:
    plug_in(keys)
    site = installation.base_url

    # A device that knows no key of ours.
    with_passkey(page, site)
    expect(page.get_by_role("alert")).to_have_text(PROBLEM)
    expect(page).to_have_url(f"{site}/account/login/")

    # An address of numbers can have no passkeys: the way out is named.
    with_passkey(page, numbered(installation))
    expect(page.get_by_role("alert")).to_contain_text("127.0.0.1 を localhost に替える")


def test_the_same_device_is_not_registered_twice(
    installation: Installation, page: Page, keys: CDPSession
) -> None:
    site, email = installation.base_url, "kagiyama2@midori.example"
    installation.act(_PERSON, email=email, password=PASSWORD)
    plug_in(keys)
    with_password(page, site, email)
    register(page, site)
    expect(page.get_by_role("heading", name="リカバリーコード")).to_be_visible()

    page.goto(f"{site}/account/mfa/webauthn/add/")
    page.get_by_role("button", name="追加").click()

    expect(page.get_by_role("alert")).to_have_text("この端末はすでに登録されています。")
    page.goto(f"{site}/account/mfa/webauthn/")
    expect(page.get_by_role("listitem")).to_have_count(1)
