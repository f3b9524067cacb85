from mnist_core.data.background import PATIENCE, DatasetThread


def test_the_data_is_loaded_in_the_background_and_can_be_waited_for(home):
    thread = DatasetThread()
    assert thread.wait(30).source == "stand-in"
    assert not thread.busy and not thread.error


def test_data_that_nobody_waits_for_is_loaded_a_little_later(home):
    thread = DatasetThread()
    thread._thread.join(PATIENCE / 2)
    assert thread.busy and thread.dataset is None
    thread._thread.join(30)
    assert thread.dataset


def test_loading_again_keeps_the_old_data_until_the_new_data_is_there(home):
    thread = DatasetThread()
    first = thread.wait(30)
    thread.start()
    assert thread.dataset is not None
    assert thread.wait(30) is not first


def test_a_home_that_cannot_be_written_is_said_with_what_to_do(home, monkeypatch):
    (home / "file").touch()
    monkeypatch.setenv("MNIST_HOME", str(home / "file" / "below"))
    thread = DatasetThread()
    assert thread.wait(60) is None
    assert "set $MNIST_HOME to another folder" in str(thread.error)
