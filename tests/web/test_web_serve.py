"""``iae study serve`` at the door, and as a process of its own."""

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from rating_server import make_study

from iae.cli.main import main


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["study", "serve", *words], catch_exceptions=False)
    return result.exit_code, result.output


def test_another_host_without_a_base_url_is_one_line(tmp_path: Path):
    code, said = run(str(make_study(tmp_path)), "--host", "0.0.0.0")
    assert code == 2
    assert said.startswith("iae: --host 0.0.0.0 lets other machines in")


def test_a_folder_without_a_study_is_one_line(tmp_path: Path):
    code, said = run(str(tmp_path))
    assert code == 2
    assert "there is no study" in said


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_it_prints_both_links_serves_and_ends_quietly_on_ctrl_c(tmp_path: Path):
    program = [sys.executable, "-c", "from iae.cli.main import main; main()", "study", "serve",
               str(make_study(tmp_path)), "--port", "0", "--log"]  # fmt: skip
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            raters, owners = server.stdout.readline(), server.stdout.readline()
            base = re.search(r"http://127\.0\.0\.1:\d+", raters)
            assert base is not None
            with urllib.request.urlopen(f"{base[0]}/api/alive", timeout=20) as answer:
                assert answer.read() == b'{"alive":true}'
            link = re.search(r"http\S+/owner/(\S{43})", owners)
            assert link is not None
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with opener.open(link[0], timeout=20) as page:
                assert b"Twelve photos" in page.read()
        finally:
            server.send_signal(signal.SIGINT)
        _, log = server.communicate(timeout=20)
    assert server.returncode == 0
    assert "GET /owner/{token} 303" in log
    assert link[1] not in log
    assert "Traceback" not in log
