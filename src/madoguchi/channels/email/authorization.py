"""Access tokens for a mail account: kept until shortly before they end, then made anew by one process for all.

A provider may take a refresh token only once. So whoever makes new tokens holds a lock, looks again once it has it,
and stores what came before anybody uses it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from typing import TypeVar

from django.db import connection

from madoguchi.channels.email.models import Mailbox, OAuthAccount, Security, SmtpServer
from madoguchi.channels.email.oauth import OAuthProblem, Tokens, Trouble, refreshed
from madoguchi.infra import scope
from madoguchi.kernel import clock

# Long enough for one look into a mailbox or one transmission; providers give an hour.
MARGIN = timedelta(minutes=5)
_LOCK_CLASS = 0x0A07
_FOR_A_PERSON = (Trouble.CONSENT, Trouble.CLIENT)
Done = TypeVar("Done")


def access_token(server: Mailbox | SmtpServer) -> str:
    """A token by which this server lets us in, new if the one before ends soon.

    It works in a thread with a connection of its own: a token that was paid with the one before must be
    committed, whatever becomes of the caller's transaction. Raises OAuthProblem or SecretUnreadable.
    """
    return _alone(lambda: _access_token(server))


def distrust(server: Mailbox | SmtpServer, token: str) -> None:
    """The server refused this token: the next to ask gets another, unless somebody has made one meanwhile."""
    _alone(lambda: _distrust(server, token))


def place_of(server: Mailbox | SmtpServer) -> str:
    """What a consent is given for: the server, and whether tokens go there in clear."""
    host = server.host.lower()
    return f"{host} (in clear)" if server.security == Security.NONE else host


def tokens_kept(account: OAuthAccount, tokens: Tokens) -> None:
    """Write the tokens into the row, not yet saved."""
    account.access_token = tokens.access
    account.refresh_token = tokens.refresh or account.refresh_token
    account.expires_at = clock.now() + timedelta(seconds=tokens.seconds)
    account.problem = ""


def _alone(work: Callable[[], Done]) -> Done:
    def closed_after() -> Done:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="oauth") as alone:
        return alone.submit(copy_context().run, closed_after).result()


def _access_token(server: Mailbox | SmtpServer) -> str:
    with scope.acting_for([server.company_id]):
        account = _account(server)
        if _lasts(account):
            return account.access_token
    problem, token = _made_anew(server)
    if problem:
        raise problem
    return token


def _made_anew(server: Mailbox | SmtpServer) -> tuple[OAuthProblem | None, str]:
    """One at a time. The lock is none on the row, for that would keep the readers of the event log waiting."""
    with scope.acting_for([server.company_id]):
        _lock(server.entry_point_id)
        account = _account(server)
        if _lasts(account):
            return None, account.access_token
        consent = OAuthAccount.objects.filter(pk=account.pk, authorized_at=account.authorized_at)
        try:
            tokens_kept(account, refreshed(account.client(), account.refresh_token))
        except OAuthProblem as problem:
            if problem.trouble in _FOR_A_PERSON:
                consent.update(problem=problem.trouble)
            return OAuthProblem(problem.trouble, address=account.address, detail=problem.detail), ""
        consent.update(
            access_token=account.access_token,
            refresh_token=account.refresh_token,
            expires_at=account.expires_at,
            problem="",
        )
        return None, account.access_token


def _account(server: Mailbox | SmtpServer) -> OAuthAccount:
    """The account behind a server, if tokens may be had and may go there. Raises OAuthProblem."""
    accounts = OAuthAccount.objects.select_related("entry_point")
    account = accounts.filter(entry_point=server.entry_point_id).first()
    if account is None or not account.refresh_token:
        raise OAuthProblem(Trouble.MISSING, address=server.entry_point.address)
    if place_of(server) not in account.places:
        raise OAuthProblem(Trouble.ELSEWHERE, address=account.address, detail=place_of(server))
    if account.problem:
        raise OAuthProblem(Trouble(account.problem), address=account.address)
    return account


def _lasts(account: OAuthAccount) -> bool:
    return account.expires_at is not None and account.expires_at - MARGIN > clock.now()


def _distrust(server: Mailbox | SmtpServer, token: str) -> None:
    with scope.acting_for([server.company_id]):
        _lock(server.entry_point_id)
        account = OAuthAccount.objects.filter(entry_point=server.entry_point_id).first()
        if account is not None and account.access_token == token:
            OAuthAccount.objects.filter(pk=account.pk).update(expires_at=None)


def _lock(entry_point: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [_LOCK_CLASS, entry_point])
