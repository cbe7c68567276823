"""What a desk keeps in tests of living cases, and since when."""

import json
from datetime import datetime

from madoguchi.kernel.channel import Party
from madoguchi.kernel.clock import TOKYO

MISAKI = Party("misaki@home.example", "髙橋 美咲")
LEVELS = json.dumps(
    {
        "calendar": {"name": "平日", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}, "holidays": "JP"},
        "policies": [
            {
                "name": "大口のお客様",
                "when": {"tags": ["大口"]},
                "targets": {"first_reply": 30, "resolution": 600},
            },
            {
                "name": "標準",
                "targets": {
                    "first_reply": {"urgent": 60, "normal": 240, "high": 120},
                    "next_reply": "PT4H",
                    "periodic_update": {"within": "P1D", "time": "calendar"},
                    "requester_wait": 480,
                    "agent_work": 480,
                    "resolution": {"within": "PT16H", "pause_on": ["waiting_customer"]},
                },
            },
        ],
    },
    ensure_ascii=False,
)


def tokyo(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=TOKYO)


# A Tuesday.
NINE = tokyo("2026-12-01 09:00")
