import pytest

from mnist_core.runs.curves import points, progress


def rows(num_epochs=3, windows=40, steps=10):
    made, step = [], 0
    for epoch in range(1, num_epochs + 1):
        for _ in range(windows):
            step += steps
            done = step / (windows * steps)
            made.append(
                {
                    "epoch": epoch,
                    "step": step,
                    "epochs_done": done,
                    "seconds": step / 100,
                    "loss": 1 / step,
                    "accuracy": done / 3,
                }
            )
        made.append({**made[-1], "end": True, "val_loss": 0.5 / epoch, "val_accuracy": epoch / 3})
    return made


def test_every_window_and_every_validation_is_a_point():
    training = [p for p in points(rows()) if p["series"] == "training"]
    validation = [p for p in points(rows()) if p["series"] == "validation"]
    assert len(training) == 120 and training[0] == {
        "epoch": 0.0125,
        "series": "training",
        "loss": 0.1,
        "accuracy": pytest.approx(1 / 120),
    }
    assert [(p["epoch"], p["accuracy"]) for p in validation] == [(1, 1 / 3), (2, 2 / 3), (3, 1)]


def test_a_long_run_has_a_bounded_number_of_points_and_keeps_its_mean_and_end():
    long = rows(num_epochs=200, windows=50)
    training = [p for p in points(long) if p["series"] == "training"]
    assert len(training) <= 300 and len(points(long)) <= 600
    assert 199 < training[-1]["epoch"] < 200 and points(long)[-1]["epoch"] == 200
    means = [
        sum(p["accuracy"] for p in part) / len(part) for part in (training, [r for r in long if "end" not in r])
    ]
    assert means[0] == pytest.approx(means[1], rel=0.01)


def test_windows_weigh_as_many_steps_as_they_cover():
    two = [
        {"epoch": 1, "step": 1, "epochs_done": 0.25, "seconds": 1, "loss": 4.0, "accuracy": 0.0},
        {"epoch": 1, "step": 4, "epochs_done": 1.0, "seconds": 2, "loss": 0.0, "accuracy": 1.0},
    ]
    assert points(two, max_points=1) == [{"epoch": 0.5, "series": "training", "loss": 1.0, "accuracy": 0.75}]
    assert [point["epoch"] for point in points(two)] == [0.125, 0.625], "each in the middle of its window"


def test_a_run_with_only_epoch_rows_has_points_all_the_same():
    ends = [row for row in rows() if "end" in row]
    assert [(p["series"], p["epoch"]) for p in points(ends)] == [
        *(("training", epoch) for epoch in (0.5, 1.5, 2.5)),
        *(("validation", epoch) for epoch in (1, 2, 3)),
    ]


def test_the_loss_is_the_plain_cross_entropy_where_every_row_has_it():
    before = rows(2, 4)
    now = [
        row | {"cross_entropy": 0.1} | ({"val_cross_entropy": 0.2} if "end" in row else {}) for row in before
    ]
    assert [p["loss"] for p in points(now)] == pytest.approx([0.1] * 8 + [0.2] * 2)
    both = points(before[:5] + now[5:])
    assert [p["loss"] for p in both] == [p["loss"] for p in points(before)], "a line has one meaning"


def test_a_loss_that_was_not_finite_is_left_out():
    bad = rows(1, 4)
    bad[2]["loss"] = None
    bad[4]["val_loss"] = None
    assert [p["epoch"] for p in points(bad)] == [0.125, 0.375, 0.875]
    bad = rows(1, 4)
    bad[0]["accuracy"], bad[4]["val_accuracy"] = None, None
    assert [p["epoch"] for p in points(bad)] == [0.375, 0.625, 0.875]


def test_no_rows_are_no_points_and_no_progress():
    assert points([]) == [] and progress([], 3, 128) is None
    assert progress([{"stopped": True}], 3, 128) is None


def test_progress_knows_how_much_is_left():
    half = rows()[: 60 + 1]
    where = progress(half, 3, 128)
    assert (where.epoch, where.step, where.num_steps, where.fraction) == (2, 600, 1200, 0.5)
    assert where.seconds_left == pytest.approx(6.0)
    assert where.images_per_second == pytest.approx(12_800)


def test_the_first_row_says_nothing_about_speed():
    where = progress(rows()[:1], 3, 128)
    assert where.seconds_left is None and where.images_per_second is None
