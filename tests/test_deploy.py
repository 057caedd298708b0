"""The files with which the server is installed: a service of systemd, and a container."""

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[1] / "deploy"


def test_the_container_has_no_root_rights_and_a_health_check() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    final = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    users = [i for i, line in enumerate(final) if line.startswith("USER ")]
    assert final[users[-1]] != "USER root"
    assert not any(line.startswith("RUN ") for line in final[users[-1] :])
    assert any(line.startswith("HEALTHCHECK ") for line in final)
    assert 'ENTRYPOINT ["recsys"]' in final


def test_the_service_is_understood_by_systemd(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    program = tmp_path / "recsys"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "recsys.service"
    text = (DEPLOY / "recsys.service").read_text(encoding="utf-8")
    unit.write_text(
        text.replace("/opt/recsys/bin/recsys serve", f"{program} serve").replace("User=recsys", "User=root")
    )
    found = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "recsys.service" not in found.stderr, found.stderr
