"""Where mail to staff goes."""

import stat
from pathlib import Path

import pytest
from django.core.mail import EmailMessage

from madoguchi.project.conf import SettingsError, read
from madoguchi.project.kept_mail import KeptMail
from madoguchi.project.staff_mail import mail_settings


def test_without_a_server_it_is_kept_as_files() -> None:
    given = mail_settings(read({"MADOGUCHI_DATA": "/var/lib/madoguchi"}))

    assert given["EMAIL_BACKEND"] == "madoguchi.project.kept_mail.KeptMail"
    assert str(given["EMAIL_FILE_PATH"]) == "/var/lib/madoguchi/staff-mail"


def test_nobody_else_on_the_machine_reads_those_files(tmp_path: Path) -> None:
    folder = tmp_path / "staff-mail"
    kept = KeptMail(file_path=str(folder))
    EmailMessage("subject", "a link", to=["a@b.example"], connection=kept).send()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.iterdir())) == 1


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
