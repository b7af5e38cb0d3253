"""What two running workers show: everything that the rules rest on is kept, and not only declared."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from ecda_stream.commands.decisions import publish_decision
from ecda_stream.worker.publishing import publish_events
from ecda_stream.worker.standings import EVERY_SECONDS
from tests.builders import a_troubled_history
from tests.worker.system import LONGEST_SECONDS, System, running_system
from tests.worker.test_extracts import an_extract

STOPPED = 'ecda_alerting_stopped{authority="881",cause="kill-switch",stream="re_referral"} 1.0'


@pytest.mark.broker
def test_the_gauges_that_rules_rest_on_are_there_on_running_workers(tmp_path: Path) -> None:
    """Of five referrals and three closures named, one referral never came."""
    extracts = an_extract(1, {}), an_extract(2, {"referral.received.v1": 5, "uk.csc.closure.recorded.v1": 3})
    with running_system(tmp_path) as system:
        publish_events([extracts[0], *a_troubled_history(), extracts[1]], bootstrap=system.bootstrap, on_progress=lambda _: None)
        publish_decision(system.bootstrap, "alerting.stopped.v1", "881", {"stream": "re_referral", "reason": "trial"})
        system.wait_until_through(LONGEST_SECONDS)
        score = until_shown(STOPPED, system, "re_referral", EVERY_SECONDS * 3)
        admit = system.metrics("admit")

    assert 'ecda_extract_promised{authority="881",stream="re_referral",system="case_system"} 8.0' in score
    assert 'ecda_extract_arrived{authority="881",stream="re_referral",system="case_system"} 7.0' in score
    assert 'ecda_alert_capacity{authority="881",stream="re_referral"} ' in score
    assert 'ecda_alerts_held{authority="881",stream="re_referral"} 0.0' in score
    assert 'ecda_alerts_total{kind="alert",status="open",stream="re_referral"} ' in score
    heard, began = (float(re.findall(rf"^{name} (.+)$", admit, re.MULTILINE)[0]) for name in (HEARD, BEGAN))
    assert began < heard <= time.time()


HEARD = re.escape('ecda_source_last_record_timestamp_seconds{authority="881",system="case_system"}')
BEGAN = "ecda_previous_working_day_timestamp_seconds"


def until_shown(line: str, system: System, name: str, seconds: float) -> str:
    """Return the metrics of a worker once they hold a line."""
    deadline = time.monotonic() + seconds
    while line not in (shown := system.metrics(name)):
        assert time.monotonic() < deadline, f"{line} did not appear in {seconds} s"
        time.sleep(0.5)
    return shown
