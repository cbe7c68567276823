"""Every setting, and every way to get one wrong."""

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from madoguchi.project import conf
from madoguchi.project.conf import Config, SettingsError, read

ROOT = Path(conf.__file__).parents[2]


def problems(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read({f"MADOGUCHI_{name}": value for name, value in environ.items()})
    return caught.value.problems


def given(**environ: str) -> Config:
    return read({f"MADOGUCHI_{name}": value for name, value in environ.items()})


def test_an_empty_environment_is_a_whole_installation_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    config = read({"PATH": "/bin"})

    assert config.embedded
    assert config.data == tmp_path / ".data"
    assert config.files == tmp_path / ".data" / "files"
    assert (config.host, config.port, config.smtp_host, config.smtp_port) == (
        "127.0.0.1",
        8000,
        "127.0.0.1",
        2525,
    )
    assert config.base_url == "http://localhost:8000"
    assert config.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert (config.mail_transport, config.sample, config.sample_cases) == ("outbox", True, 6000)
    assert (config.debug, config.role, config.secret_key, config.trusted_proxy) == (False, "app", "", ())


def test_a_database_of_ones_own_sends_real_mail_and_gets_no_sample_data() -> None:
    config = given(DATABASE_URL="postgresql://app:pw@db.example.jp/madoguchi")

    assert not config.embedded
    assert (config.mail_transport, config.sample) == ("smtp", False)


def test_what_is_given_wins_over_what_would_be_worked_out() -> None:
    config = given(
        DATABASE_URL="postgres://db/desk",
        MAIL_TRANSPORT="OUTBOX",
        SAMPLE="yes",
        DATA="/srv/desk",
        FILES="/mnt/files",
    )

    assert (config.mail_transport, config.sample) == ("outbox", True)
    assert (config.data, config.files) == (Path("/srv/desk"), Path("/mnt/files"))


def test_an_empty_variable_counts_as_not_set() -> None:
    assert given(PORT="", SAMPLE=" ").port == 8000


def test_a_folder_may_start_with_the_home_sign() -> None:
    assert given(DATA="~/desk").data == Path.home() / "desk"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://localhost:9000"),
        ("0.0.0.0", "http://localhost:9000"),
        ("::", "http://localhost:9000"),
        ("10.0.0.7", "http://10.0.0.7:9000"),
        ("::1", "http://[::1]:9000"),
        ("desk.local", "http://desk.local:9000"),
    ],
)
def test_links_start_with_an_address_that_a_browser_can_open(host: str, expected: str) -> None:
    assert given(HOST=host, PORT="9000").base_url == expected


def test_the_outside_address_is_allowed_and_loses_its_last_slash() -> None:
    config = given(BASE_URL="https://help.example.jp/")

    assert config.base_url == "https://help.example.jp"
    assert config.allowed_hosts == ("help.example.jp", "localhost", "127.0.0.1", "[::1]")


def test_the_address_of_files_is_allowed_and_is_another_one() -> None:
    config = given(BASE_URL="https://help.example.jp", FILES_ORIGIN="https://files.example.jp/")

    assert config.files_origin == "https://files.example.jp"
    assert config.allowed_hosts[:2] == ("help.example.jp", "files.example.jp")
    with pytest.raises(SettingsError, match="files need an address of their own"):
        given(BASE_URL="https://help.example.jp", FILES_ORIGIN="https://help.example.jp")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sip:203.0.113.5", "sip://203.0.113.5"),
        ("sip:203.0.113.5:5080", "sip://203.0.113.5:5080"),
        ("sip://me:p%40ss@203.0.113.5", "sip://me:p%40ss@203.0.113.5"),
        ("sip:[2001:db8::5]:5060", "sip://[2001:db8::5]:5060"),
        ("sip:me:p;w@203.0.113.5", "sip://me:p;w@203.0.113.5"),
        (
            "sip:203.0.113.5  sip:me:pw@203.0.113.6;shows=+81312,+8150",
            "sip://203.0.113.5 sip://me:pw@203.0.113.6;shows=+81312,+8150",
        ),
        (
            "sip:203.0.113.5:5080;shows=+81,+ sip:203.0.113.6;shows=+8150",
            "sip://203.0.113.5:5080;shows=+81,+ sip://203.0.113.6;shows=+8150",
        ),
    ],
)
def test_calls_go_out_to_an_address(written: str, read: str) -> None:
    config = given(SIP_TRUNK=written)

    assert config.sip_trunk == read
    assert read not in repr(config)


@pytest.mark.parametrize(
    "written", ["198.51.100.7", "sip:carrier.example", "sip:203.0.113.5:x", "http://203.0.113.5"]
)
def test_what_is_no_address_of_a_trunk_is_refused_without_being_told(written: str) -> None:
    with pytest.raises(SettingsError, match="must look like sip:") as refused:
        given(SIP_TRUNK=written)

    assert written not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("sip:me:pw@203.0.113.5;shows=", "beginnings of numbers"),
        ("sip:me:pw@203.0.113.5;shows=0312", "beginnings of numbers"),
        ("sip:me:pw@203.0.113.5;shows=+81,", "beginnings of numbers"),
        ("sip:me:pw@203.0.113.5;transport=tcp", "beginnings of numbers"),
        ("sip:me:pw@203.0.113.5;shows=+8131", "one trunk without ;shows="),
        ("sip:203.0.113.5,sip:me:pw@203.0.113.6", "spaces between trunks"),
        ("sip:me:pw@203.0.113.5 198.51.100.7", "must look like sip:"),
    ],
)
def test_trunks_of_which_none_shows_some_number_are_refused_without_being_told(
    written: str, told: str
) -> None:
    with pytest.raises(SettingsError, match=told) as refused:
        given(SIP_TRUNK=written)

    assert "pw" not in str(refused.value)


def test_an_asterisk_dials_with_a_password() -> None:
    config = given(ARI_PORT="8096", ARI_PASSWORD="sixteen letters!", ARI_ENDPOINT="PJSIP/{number}@carrier")

    assert (config.ari_port, config.ari_password) == (8096, "sixteen letters!")
    assert config.ari_endpoint == "PJSIP/{number}@carrier"
    assert "sixteen" not in repr(config)
    with pytest.raises(SettingsError, match="MADOGUCHI_ARI_PORT needs MADOGUCHI_ARI_PASSWORD"):
        given(ARI_PORT="8096")


@pytest.mark.parametrize("written", ["fifteen letters", "x" * 201, "日本語" * 6])
def test_a_password_that_is_short_or_not_ascii_is_refused_without_being_told(written: str) -> None:
    with pytest.raises(SettingsError, match="must be 16 characters or more, of ASCII") as refused:
        given(ARI_PASSWORD=written)

    assert written not in str(refused.value)


@pytest.mark.parametrize(
    "written",
    ["carrier", "PJSIP/carrier", "PJSIP/{number}@a b", "PJSIP/{number}{0}", "{number}", "PJSIP/{number.x}@c"],
)
def test_what_is_no_endpoint_is_refused(written: str) -> None:
    with pytest.raises(SettingsError, match="must be an endpoint with"):
        given(ARI_ENDPOINT=written)


def test_numbers_that_may_be_called_are_beginnings() -> None:
    assert given(CALL_DESTINATIONS="+81, !+81990").call_destinations == ("+81", "!+81990")
    for wrong in ("81", "+81*", "0312345678", "!"):
        with pytest.raises(SettingsError, match="must be beginnings of numbers"):
            given(CALL_DESTINATIONS=wrong)


def test_hosts_of_sip_addresses_are_names() -> None:
    assert given(CALL_SIP_HOSTS="PBX.example.jp, 192.0.2.7").call_sip_hosts == ("pbx.example.jp", "192.0.2.7")
    assert given().call_sip_hosts == ()
    for wrong in ("sip:pbx.example.jp", "a@b", "*"):
        with pytest.raises(SettingsError, match="must be names of hosts"):
            given(CALL_SIP_HOSTS=wrong)


def test_lists_are_split_at_commas() -> None:
    config = given(ALLOWED_HOSTS="a.example.jp, b.example.jp,", TRUSTED_PROXY="10.0.0.5, 192.168.0.0/24")

    assert config.allowed_hosts == ("a.example.jp", "b.example.jp")
    assert config.trusted_proxy == ("10.0.0.5/32", "192.168.0.0/24")


@pytest.mark.parametrize("yes", ["1", "true", "TRUE", "yes", "on"])
@pytest.mark.parametrize("no", ["0", "false", "False", "no", "off"])
def test_yes_and_no_have_many_spellings(yes: str, no: str) -> None:
    config = given(DEBUG=yes, SAMPLE=no)

    assert (config.debug, config.sample) == (True, False)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "http", "must be a whole number from 1 to 65535"),
        ("PORT", "0", "must be a whole number from 1 to 65535"),
        ("PORT", "65536", "must be a whole number from 1 to 65535"),
        ("PORT", "８０００", "must be a whole number from 1 to 65535"),
        ("SMTP_PORT", "-1", "must be a whole number from 1 to 65535"),
        ("SAMPLE_CASES", "1000001", "must be a whole number from 1 to 1000000"),
        ("UNDO_SECONDS", "10s", "must be a whole number from 0 to 300"),
        ("MAX_MAIL_MB", "0", "must be a whole number from 1 to 1024"),
        ("SESSION_HOURS", "0", "must be a whole number from 1 to 8760"),
        ("WEB_WORKERS", "0", "must be a whole number from 1 to 64"),
        ("WEB_THREADS", "65", "must be a whole number from 1 to 64"),
        ("DEBUG", "maybe", "must be true or false"),
        ("SAMPLE", "2", "must be true or false"),
        ("LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("LOG_FORMAT", "xml", "must be one of console, json"),
        ("MAIL_TRANSPORT", "pigeon", "must be one of outbox, smtp"),
        ("ROLE", "root", "must be one of app, owner"),
        ("BASE_URL", "help.example.jp", "must be an address such as https://help.example.jp"),
        ("BASE_URL", "https://help.example.jp/?a=b", "must be an address such as https://help.example.jp"),
        (
            "TRUSTED_PROXY",
            "proxy.example.jp",
            "must be addresses or networks with commas between, such as 10.0.0.5,192.168.0.0/24",
        ),
    ],
)
def test_a_bad_value_is_named_with_what_would_be_right(name: str, value: str, why: str) -> None:
    assert problems(**{name: value}) == [f"MADOGUCHI_{name}={value} {why}."]


@pytest.mark.parametrize("url", ["mysql://db/desk", "postgresql://app:geheim@db", "db/desk"])
def test_a_bad_database_url_is_named_without_showing_its_password(url: str) -> None:
    assert problems(DATABASE_URL=url) == [
        "MADOGUCHI_DATABASE_URL must look like postgresql://user:password@host:5432/database."
    ]


def test_a_misspelt_name_is_answered_with_the_likely_one() -> None:
    assert problems(SMPT_PORT="25") == [
        "MADOGUCHI_SMPT_PORT is not a setting; did you mean MADOGUCHI_SMTP_PORT?"
    ]


def test_a_name_like_no_other_points_to_the_list() -> None:
    assert problems(XYZZY="1") == [
        "MADOGUCHI_XYZZY is not a setting; the settings are listed in docs/running/settings.md."
    ]


def test_two_doors_on_one_port_are_refused() -> None:
    assert problems(PORT="2525") == [
        "MADOGUCHI_PORT and MADOGUCHI_SMTP_PORT are both 2525; they must differ."
    ]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert problems(PROT="1", PORT="x", DEBUG="y") == [
        "MADOGUCHI_PROT is not a setting; did you mean MADOGUCHI_PORT?",
        "MADOGUCHI_PORT=x must be a whole number from 1 to 65535.",
        "MADOGUCHI_DEBUG=y must be true or false.",
    ]


def test_secrets_are_not_in_what_is_printed() -> None:
    printed = repr(given(DATABASE_URL="postgresql://app:geheim@db/desk", SECRET_KEY="geheim"))

    assert "geheim" not in printed


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = conf.load({"MADOGUCHI_DATA": str(tmp_path)})
    second = conf.load({"MADOGUCHI_DATA": str(tmp_path)})

    assert len(first.secret_key) == 64
    assert second.secret_key == first.secret_key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_secret_that_is_given_is_not_written_down(tmp_path: Path) -> None:
    config = conf.load({"MADOGUCHI_DATA": str(tmp_path / "data"), "MADOGUCHI_SECRET_KEY": "ours"})

    assert config.secret_key == "ours"
    assert not (tmp_path / "data").exists()


def test_many_that_start_at_once_keep_one_secret(tmp_path: Path) -> None:
    code = "import os; from madoguchi.project import conf; print(conf.load(os.environ).secret_key)"
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "MADOGUCHI_DATA": str(tmp_path)}
    crowd = [
        subprocess.Popen([sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    assert len({process.communicate()[0] for process in crowd}) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SettingsError) as caught:
        conf.load({"MADOGUCHI_DATA": str(tmp_path / "file")})

    assert caught.value.problems == [
        f"MADOGUCHI_DATA={tmp_path / 'file'} cannot be written (File exists); name a folder that can."
    ]


def test_the_command_line_lists_the_problems_and_ends_with_2() -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "MADOGUCHI_PORT": "x", "MADOGUCHI_PROT": "1"}

    done = subprocess.run(
        [sys.executable, "-m", "madoguchi.project.cli", "up"], env=environ, capture_output=True, text=True
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "The settings are not right:",
        "  - MADOGUCHI_PROT is not a setting; did you mean MADOGUCHI_PORT?",
        "  - MADOGUCHI_PORT=x must be a whole number from 1 to 65535.",
    ]


def test_every_setting_stands_in_the_guide_as_it_is() -> None:
    guide = (ROOT.parent / "docs" / "running" / "settings.md").read_text()

    for line in conf.table():
        assert line in guide.splitlines()


def test_every_setting_has_a_meaning_that_ends_a_sentence() -> None:
    assert [row.name for row in fields(Config) if not row.metadata["meaning"].endswith(".")] == []
