"""A real installation: `madoguchi up` on a folder and ports of its own, with a company and its people."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect

from madoguchi.infra.tests.folders import data_folder
from madoguchi.project import conf
from tests.servers import migrated
from tests.servers.ground import free_ports, running

SOURCE = Path(conf.__file__).parents[2]
ADDRESS = "support@shop.example"
_COMPANY = """
from madoguchi.companies import factories as companies
from madoguchi.kernel.actor import Role
from madoguchi.people import factories as people
company = companies.make_company(name="ひなた衣料", slug="hinata", prefix="HN")
desk = companies.make_desk(company, name="お客様窓口")
companies.make_entry_point(desk, address=given["address"])
operator = companies.make_operator(name="みどりコンタクト")
engagement = companies.make_engagement(operator, desk)
def person(role, name, email):
    user = people.make_operator_person(operator, role, seats=(engagement,), name=name)
    user.email = email
    user.set_password(given["password"])
    user.save()
    return {"name": name, "email": email, "password": given["password"]}
tell({
    "agent": person(Role.AGENT, "青木 翔", "aoki@midori.example"),
    "supervisor": person(Role.SUPERVISOR, "森 美咲", "mori@midori.example"),
})
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    name: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it is reached, and who works there. Calls go out to `trunk_port`, where nobody listens by itself."""

    base_url: str
    smtp_port: int
    environ: Mapping[str, str] = field(repr=False)
    people: dict[str, Person] = field(default_factory=dict)
    sip_port: int = 0
    trunk_port: int = 0

    def sign_in(self, page: Page, who: str) -> None:
        """Sign in as a person would: by the form."""
        page.goto(f"{self.base_url}/account/login/")
        page.get_by_label("メールアドレス").fill(self.people[who].email)
        page.get_by_label("パスワード", exact=True).fill(self.people[who].password)
        page.get_by_role("button", name="ログイン", exact=True).click()
        expect(page.get_by_role("region", name="用件の一覧")).to_be_visible()

    def act(self, code: str, **given: object) -> object:
        """Run Python within the installation, as its shell would; what it tells (`tell(…)`) comes back."""
        script = (
            "import json, sys, django; django.setup()\n"
            "given = json.load(sys.stdin)\n"
            "def tell(answer): print(json.dumps(answer))\n" + code
        )
        command = [sys.executable, "-c", script]
        ended = subprocess.run(
            command, input=json.dumps(given), env=self.environ, text=True, capture_output=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout or "null")


@contextmanager
def installed(*, smtp_port: int, **settings: str) -> Iterator[Installation]:
    """An installation that runs while inside, without sample data, on the bundled database."""
    with data_folder() as data:
        port, sip, trunk = free_ports(3)
        environ = _environ(
            MADOGUCHI_DATA=str(data),
            MADOGUCHI_PORT=str(port),
            MADOGUCHI_SIP_PORT=str(sip),
            MADOGUCHI_SIP_TRUNK=f"sip:127.0.0.1:{trunk}",
            MADOGUCHI_SMTP_PORT=str(smtp_port),
            MADOGUCHI_SAMPLE="false",
            MADOGUCHI_PRIVATE_MAIL_NETWORKS="127.0.0.0/8",
            **settings,
        )
        migrated.install(data)
        command = [sys.executable, "-P", "-m", "madoguchi.project.cli", "up"]
        log = data / "up.log"
        with running(command, ports=[smtp_port, port], log=log, environ=environ, patience=20):
            web = f"http://localhost:{port}"
            place = Installation(web, smtp_port, environ, sip_port=sip, trunk_port=trunk)
            told = place.act(_COMPANY, address=ADDRESS, password="a-long-password-of-tests")
            assert isinstance(told, dict)
            place.people.update({who: Person(**person) for who, person in told.items()})
            yield place


def _environ(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
    return {
        **kept,
        "PYTHONPATH": str(SOURCE),
        "DJANGO_SETTINGS_MODULE": "madoguchi.project.settings",
        **settings,
    }
