"""Programs beside the server, with one that does not end."""

import subprocess
import sys
import time

import psutil
import pytest

from mnist_core.jobs import tasks
from mnist_core.jobs.tasks import Task, Tasks, do
from mnist_core.language.catalogues import using
from mnist_core.language.messages import said_by

PROGRAM = "import time; time.sleep(600 if input() == 'endless' else 0); print('{\"done\": 1}')"
ENDLESS, SHORT = Task("program", "endless"), Task("program", "short")


@pytest.fixture(autouse=True)
def program(monkeypatch):
    """Start a small program in place of one of ours."""
    popen = subprocess.Popen
    monkeypatch.setattr(
        tasks.subprocess, "Popen", lambda command, **how: popen([sys.executable, "-c", PROGRAM], **how)
    )


def test_a_program_that_takes_too_long_is_ended_and_said_in_both_languages(monkeypatch):
    monkeypatch.setattr(tasks, "MINUTES", 0.01)
    with pytest.raises(ValueError, match="took more than 0 minutes") as error:
        do(ENDLESS, lambda share: None)
    with using("ja"):
        assert "0 分を超えた" in str(said_by(error.value))
    assert psutil.Process().children() == []


def test_a_program_that_takes_too_long_does_not_hold_up_the_next(monkeypatch):
    made = Tasks()
    for task, minutes in ((ENDLESS, 0.01), (SHORT, tasks.MINUTES)):
        monkeypatch.setattr(tasks, "MINUTES", minutes)
        made.start(task)
        deadline = time.monotonic() + 60
        while made.progress(task) is not None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert "took more than" in made.error(ENDLESS) and made.answer(ENDLESS) == {}
    assert made.error(SHORT) == "" and made.answer(SHORT) == {"done": 1}
