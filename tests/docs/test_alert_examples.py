"""An alert that a document shows is one that the golden log gives, to the letter."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ecda_stream.alert.render import render_alert
from ecda_stream.contract.alert import Alert, parse_published

ROOT = Path(__file__).parents[2]
MARKED = re.compile(r"<!-- alert:begin -->\n```\n(.*?)\n```\n<!-- alert:end -->", re.DOTALL)


@pytest.mark.parametrize("document", ["README.md", "streams/re_referral/README.md"])
def test_the_alert_shown_is_a_golden_one_with_probability_and_everything(document: str) -> None:
    [shown] = MARKED.findall((ROOT / document).read_text(encoding="utf-8"))
    records = (ROOT / "streams/re_referral/golden/alerts.jsonl").read_text(encoding="utf-8").splitlines()
    golden = [parse_published(json.dumps(json.loads(record)["value"]).encode()) for record in records]

    assert shown in [render_alert(alert) for alert in golden if isinstance(alert, Alert)]
    assert "in 100 closures like this" in shown
