"""Flows that are there without anybody writing one."""

from typing import Any

# Who has written no flow may have nobody with a phone: nobody is asked to wait.
USUAL: dict[str, Any] = {
    "start": "greeting",
    "steps": {
        "greeting": {"kind": "say", "sounds": ["greeting"], "next": "hours"},
        "hours": {"kind": "hours", "open": "menu", "closed": "closed"},
        "menu": {
            "kind": "menu",
            "sounds": ["menu"],
            "keys": {"1": "call_back", "2": "message"},
            "otherwise": "message",
        },
        "call_back": {"kind": "call_back", "withheld": "withheld"},
        "withheld": {"kind": "say", "sounds": ["withheld"], "next": "message"},
        "closed": {"kind": "say", "sounds": ["closed"], "next": "message"},
        "message": {"kind": "message", "next": "thanks"},
        "thanks": {"kind": "say", "sounds": ["message-taken"]},
    },
}
# With a queue, for trying it out.
WITH_QUEUE: dict[str, Any] = {
    "start": "greeting",
    "steps": {
        **USUAL["steps"],
        "greeting": {"kind": "say", "sounds": ["greeting", "recorded"], "next": "hours"},
        "menu": {
            "kind": "menu",
            "sounds": ["menu-wait"],
            "keys": {"1": "queue", "2": "call_back", "3": "message"},
            "otherwise": "queue",
        },
        "queue": {
            "kind": "queue",
            "keys": {"2": "call_back", "3": "message"},
            "full": "busy",
            "otherwise": "busy",
            "every": 20,
            "longest": 60,
        },
        "busy": {"kind": "say", "sounds": ["busy"], "next": "call_back"},
    },
}
