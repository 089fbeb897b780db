"""Prometheus itself reads the rules of alerts, and tries each case of theirs."""

import os
import subprocess
from pathlib import Path

from deploy.runtime.paths import installed_promtool

FOLDER = Path(__file__).parents[3] / "deploy" / "observability"


def promtool(*words: str) -> str:
    ended = subprocess.run(
        [installed_promtool(os.environ), *words],
        cwd=FOLDER,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def test_prometheus_takes_the_rules() -> None:
    assert "SUCCESS" in promtool("check", "rules", "rules.yaml")


def test_every_alert_is_raised_by_its_case_and_quiet_in_the_others() -> None:
    assert "SUCCESS" in promtool("test", "rules", "rules.test.yaml")
