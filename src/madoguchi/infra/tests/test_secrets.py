"""Secrets: unreadable without the installation's key."""

from typing import Any

import pytest

from madoguchi.infra.secrets import SecretField, SecretUnreadable, decrypt, encrypt


def test_a_secret_comes_back() -> None:
    assert decrypt(encrypt("ひみつの合言葉")) == "ひみつの合言葉"


def test_it_does_not_show_and_does_not_repeat() -> None:
    first, second = encrypt("hunter2"), encrypt("hunter2")
    assert "hunter2" not in first
    assert first != second


def test_under_another_key_it_is_unreadable(settings: Any) -> None:
    token = encrypt("hunter2")
    settings.SECRET_KEY = "another key"
    with pytest.raises(SecretUnreadable, match="enter it again"):
        decrypt(token)


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAA=="])
def test_what_is_no_token_is_unreadable(token: str) -> None:
    with pytest.raises(SecretUnreadable):
        decrypt(token)


def test_a_token_that_was_tampered_with_is_unreadable() -> None:
    token = encrypt("hunter2")
    middle = len(token) // 2
    with pytest.raises(SecretUnreadable):
        decrypt(token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :])


def test_a_field_is_plain_in_python_and_encrypted_in_the_database() -> None:
    field = SecretField()
    stored = field.get_prep_value("hunter2")
    assert stored is not None
    assert "hunter2" not in stored
    assert field.from_db_value(stored) == "hunter2"


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_is_no_secret(nothing: str | None) -> None:
    field = SecretField()
    assert field.get_prep_value(nothing) == nothing
    assert field.from_db_value(nothing) == nothing
