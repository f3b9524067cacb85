"""What is said when the disk does not do what was asked, and the version of the home folder."""

import errno
import json
import os

import pytest

from mnist_core.files import StorageError, change_json, in_words
from mnist_core.home import HomeError, settle
from mnist_core.jobs import trainer
from mnist_core.runs import words


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EROFS, "read-only"),
        (errno.ENOSPC, "disk is full"),
        (errno.ENOENT, "is gone"),
        (errno.EACCES, "may not write"),
        (errno.EIO, "The reason: Input/output error"),
    ],
)
def test_an_error_of_the_disk_is_a_sentence_without_a_path_and_keeps_its_number(number, said):
    with pytest.raises(StorageError, match=said) as caught, in_words():
        raise OSError(number, os.strerror(number), "/srv/secret/place")
    assert "secret" not in str(caught.value) and caught.value.errno == number
    with pytest.raises(StorageError) as again, in_words():
        raise caught.value
    assert again.value is caught.value


def test_an_entry_of_a_json_file_is_set_and_removed_and_a_damaged_file_begins_anew(tmp_path):
    path = tmp_path / "new" / "entries.json"
    change_json(path, {"10": "b", "9": "a"})
    assert list(json.loads(path.read_text())) == ["9", "10"]
    change_json(path, {"9": None})
    assert json.loads(path.read_text()) == {"10": "b"}
    path.write_text("[")
    change_json(path, {"1": "c"})
    assert json.loads(path.read_text()) == {"1": "c"}


def test_a_home_is_marked_once_and_a_later_versions_is_refused(tmp_path):
    settle(tmp_path / "not there")
    assert not (tmp_path / "not there").exists()
    for content in (None, "nonsense", "1"):
        if content:
            (tmp_path / "version").write_text(content)
        settle(tmp_path)
        assert (tmp_path / "version").read_text() == (content or "1\n")
    (tmp_path / "version").write_text("2")
    with pytest.raises(HomeError, match="Update the app"):
        settle(tmp_path)


@pytest.mark.parametrize(
    ("code", "log", "said"),
    [
        (-6, "terminate called after throwing an instance of 'std::bad_alloc'", words.OUT_OF_MEMORY),
        (1, "numpy._core._exceptions._ArrayMemoryError: Unable to allocate", words.OUT_OF_MEMORY),
        (1, f"MemoryError\n{words.OUT_OF_MEMORY}", "exit status 1"),
        (-9, "", words.ENDED_FROM_OUTSIDE),
        (-15, "", "signal 15"),
        (3, "", "exit status 3"),
    ],
)
def test_how_a_training_process_ended_is_told_by_its_exit_status_and_its_last_words(code, log, said):
    assert said in trainer._how_it_ended(code, log)
