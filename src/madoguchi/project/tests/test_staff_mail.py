"""Where mail to staff goes."""

import pytest

from madoguchi.project.conf import SettingsError, read
from madoguchi.project.staff_mail import mail_settings


def test_without_a_server_it_is_kept_as_files() -> None:
    given = mail_settings(read({"MADOGUCHI_DATA": "/var/lib/madoguchi"}))

    assert given["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert str(given["EMAIL_FILE_PATH"]) == "/var/lib/madoguchi/staff-mail"


@pytest.mark.parametrize(
    ("url", "port", "user", "ssl", "starttls"),
    [
        ("smtp://taro:p%40ss@mail.example", 587, "taro", False, True),
        ("smtps://taro:p%40ss@mail.example:4465", 4465, "taro", True, False),
        ("smtp://mail.example:25", 25, "", False, False),
    ],
)
def test_a_server_is_spoken_to_as_its_address_says(
    url: str, port: int, user: str, ssl: bool, starttls: bool
) -> None:
    given = mail_settings(
        read({"MADOGUCHI_STAFF_MAIL_URL": url, "MADOGUCHI_STAFF_MAIL_FROM": "it@shop.example"})
    )

    assert given["EMAIL_HOST"] == "mail.example"
    assert (given["EMAIL_PORT"], given["EMAIL_HOST_USER"]) == (port, user)
    assert (given["EMAIL_USE_SSL"], given["EMAIL_USE_TLS"]) == (ssl, starttls)
    assert given["EMAIL_HOST_PASSWORD"] == ("p@ss" if user else "")
    assert given["DEFAULT_FROM_EMAIL"] == "it@shop.example"


def test_an_address_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(SettingsError) as refused:
        read({"MADOGUCHI_STAFF_MAIL_URL": "http://taro:secret@mail.example"})

    assert "MADOGUCHI_STAFF_MAIL_URL must look like smtp://" in str(refused.value)
    assert "secret" not in str(refused.value)
