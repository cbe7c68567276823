"""Column types of ours."""

from typing import Any

from django.db import models


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction id (`xid8`), as an integer in Python."""

    description = "xid8"

    def db_type(self, connection: object) -> str:
        return "xid8"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        return f"({sql})::text::bigint", params
