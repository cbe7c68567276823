"""The description of the API in OpenAPI, with what every route may answer beside what it gives: a problem."""

from typing import Any

from ninja import NinjaAPI

from madoguchi.api.problems import MEDIA_TYPE

_WORDS = {"type": "string"}
_PROBLEM = {
    "title": "Problem",
    "description": "What went wrong, in words (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _WORDS,
        "title": _WORDS,
        "status": {"type": "integer"},
        "detail": _WORDS,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": _WORDS, "detail": _WORDS},
            },
        },
        "questions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "words"],
                "properties": {"key": _WORDS, "words": _WORDS},
            },
        },
    },
}
_REFERRED: dict[str, Any] = {
    "description": "A problem: 401, 403, 404, 409, 412, 422 or 429",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def described(api: NinjaAPI, *, prefix: str) -> dict[str, Any]:
    """All routes, in OpenAPI 3.1."""
    told: dict[str, Any] = api.get_openapi_schema(path_prefix=prefix)
    told["components"]["schemas"]["Problem"] = _PROBLEM
    for operations in told["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = _REFERRED
    return told
