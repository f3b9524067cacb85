from mnist_core.data.loader import PATIENCE, DataLoader


def test_the_data_is_loaded_beside_and_can_be_waited_for(home):
    loader = DataLoader()
    assert loader.wait(30).source == "stand-in"
    assert not loader.busy and not loader.error


def test_data_that_nobody_waits_for_is_loaded_a_little_later(home):
    loader = DataLoader()
    loader._thread.join(PATIENCE / 2)
    assert loader.busy and loader.dataset is None
    loader._thread.join(30)
    assert loader.dataset


def test_to_look_again_keeps_what_was_found_until_something_else_is(home):
    loader = DataLoader()
    first = loader.wait(30)
    loader.start()
    assert loader.dataset is not None
    assert loader.wait(30) is not first


def test_a_home_that_cannot_be_written_is_said_with_what_to_do(home, monkeypatch):
    (home / "file").touch()
    monkeypatch.setenv("MNIST_HOME", str(home / "file" / "below"))
    loader = DataLoader()
    assert loader.wait(60) is None
    assert "set $MNIST_HOME to another folder" in loader.error
