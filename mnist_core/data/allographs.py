"""Digits as pen strokes, in forms (allographs) that people write and MNIST's writers seldom used.

The forms come from Europe, the Americas, India, Turkey and East Asia: slashed zeros, ones with a long flag,
with a foot or closed at the top, sevens with a bar, a hook or a curved top, fours in one stroke like a
lightning bolt, nines with a small head and a curled tail, and more. Each function draws a random one as a list
of strokes float64 (points, 2), y down, within about -1..1; `written` adds an unsteady, slanting hand.
"""

from collections.abc import Callable

import numpy as np

from mnist_core.data.pen_curves import arc, curve, line, through, towards

Strokes = list[np.ndarray]
Form = Callable[[np.random.Generator], Strokes]


def written(digit: int, rng: np.random.Generator) -> Strokes:
    """The `digit` in a random form from ALLOGRAPHS, slanted and bent a little; strokes as above."""
    forms = ALLOGRAPHS[digit]
    strokes = forms[rng.integers(len(forms))](rng)
    slant = np.array([[1, 0], [-rng.normal(0.05, 0.14), 1]])
    return [_bent(stroke, rng) @ slant for stroke in strokes]


def slashed_zero(rng: np.random.Generator) -> Strokes:
    angles = rng.uniform(-2.2, -0.8) - np.linspace(0, 2 * np.pi + rng.uniform(-0.3, 0.4), 40)
    width, up = rng.uniform(0.35, 1.0), rng.uniform(0.7, 2.1)
    lean = rng.uniform(0.0, 1.3) * (-1 if rng.random() < 0.1 else 1)
    reach = np.array([lean * width * max(1.0, up / 1.5), -up])
    middle = rng.normal(0, 0.1, 2)
    return [arc(angles, width, 1.0), line(middle - reach, middle + reach)]


def open_zero(rng: np.random.Generator) -> Strokes:
    """A zero whose end misses its start, inside or outside; sometimes wider than tall."""
    turn = np.linspace(0, 2 * np.pi + rng.uniform(-0.5, 0.9), 44)
    angles = rng.uniform(-2.4, -0.6) - turn * (1 if rng.random() < 0.8 else -1)
    size = np.linspace(1, rng.uniform(0.7, 1.25), 44)[:, None]
    return [arc(angles, rng.uniform(0.5, 1.9), 1.0) * size]


def flagged_one(rng: np.random.Generator) -> Strokes:
    """A one with a flag of 0.3 to 1.6, where the stem is 2; flatter flags are shorter."""
    angle = rng.uniform(0.15, 1.15)
    # A long flat flag would look like the top of a seven.
    length = rng.uniform(0.3, 0.6) if angle < 0.4 else rng.uniform(0.4, 0.6 + min(1.0, angle))
    lean = rng.uniform(-0.1, 0.45)
    head, foot = np.array([lean, -1]), np.array([-lean + rng.normal(0, 0.08), 1])
    tip = head + length * towards(np.pi - angle)
    sag = (tip + head) / 2 + rng.normal(0, 0.12, 2) * (0.5, 1)
    strokes = [np.concatenate([curve(tip, sag, head), line(head, foot)])]
    if rng.random() < 0.25:
        reach = np.array([rng.uniform(0.25, 0.7), rng.normal(0, 0.05)])
        strokes.append(line(foot - reach, foot + reach))
    return strokes


def closed_one(rng: np.random.Generator) -> Strokes:
    """A one whose flag and stem form a narrow loop or wedge at the top."""
    out, low = rng.uniform(0.12, 0.35), rng.uniform(-0.5, 0.15)
    wedge = through(
        rng, 0.04, (0.05, -0.95), (-out, (low - 1) / 2), (-out, low), (0.05, (low - 1) / 2), (0.1, -1)
    )
    return [np.concatenate([wedge, line((0.1, -1), (rng.normal(0, 0.1), 1))])]


def footed_one(rng: np.random.Generator) -> Strokes:
    """A one in one stroke: flag, stem, then left and along the foot to the right."""
    tip = (-rng.uniform(0.2, 0.6), -rng.uniform(0.5, 0.95))
    left, right = -rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.7)
    up = rng.uniform(0.0, 0.25)
    return [
        np.concatenate(
            [line(tip, (0, -1), (0, 0.9)), through(rng, 0.05, (0, 0.9), (left, 1 - up), (right, 0.95))]
        )
    ]


def looped_two(rng: np.random.Generator) -> Strokes:
    knots = [(-0.6, -0.55), (-0.1, -1), (0.5, -0.6), (0.1, 0.1), (-0.5, 0.85)]
    if rng.random() < 0.6:
        knots += [(-0.75, 0.75), (-0.5, 0.55), (-0.1, 0.85)]
    return [through(rng, 0.08, *knots, (rng.uniform(0.5, 0.95), rng.uniform(0.75, 1.05)))]


def angular_two(rng: np.random.Generator) -> Strokes:
    """A two like a Z, or with a curved neck."""
    corner = (-rng.uniform(0.5, 0.8), 0.95)
    neck = through(rng, 0.08, (-0.6, -rng.uniform(0.5, 0.95)), (0, -1), (0.5, -rng.uniform(0.5, 0.9)), corner)
    return [np.concatenate([neck, line(corner, (rng.uniform(0.5, 0.9), rng.uniform(0.8, 1.0)))])]


def flat_three(rng: np.random.Generator) -> Strokes:
    """A three with a flat top and a corner, like ʒ."""
    waist = (-rng.uniform(-0.05, 0.3), -rng.uniform(0.1, 0.35))
    roof = line((-0.6, -0.95), (rng.uniform(0.35, 0.65), -1 + rng.normal(0, 0.06)), waist)
    return [np.concatenate([roof, through(rng, 0.07, waist, (0.5, 0.2), (0.35, 0.85), (-0.65, 0.8))])]


def round_three(rng: np.random.Generator) -> Strokes:
    """A three with bows of any size, sometimes with a loop between them."""
    upper, lower = rng.uniform(0.3, 0.65, 2)
    middle = [(rng.uniform(-0.3, 0.1), -0.1)]
    if rng.random() < 0.4:
        middle += [(-0.3, 0.05), (0.0, 0.1)]
    knots = [
        (-0.5, -0.75),
        (0, -1),
        (upper, -0.6),
        *middle,
        (lower, 0.45),
        (0, 1),
        (-0.6, rng.uniform(0.6, 0.95)),
    ]
    return [through(rng, 0.07, *knots)]


def bolt_four(rng: np.random.Generator) -> Strokes:
    """A four in one stroke, like a lightning bolt."""
    left = (-rng.uniform(0.3, 0.75), rng.uniform(-0.15, 0.35))
    right = (rng.uniform(0.25, 0.75), left[1] + rng.uniform(-0.3, 0.1))
    foot = (rng.uniform(-0.25, 0.3), 1)
    return [line((rng.uniform(-0.3, 0.35), -1), left, right, foot)]


def short_four(rng: np.random.Generator) -> Strokes:
    """A four whose right stroke is short and starts at the bar or a little above it."""
    left = (-rng.uniform(0.2, 0.65), rng.uniform(0.1, 0.55))
    top, right = (rng.uniform(-0.35, 0.15), -1), (rng.uniform(0.3, 0.7), left[1] + rng.normal(0, 0.08))
    x = rng.uniform(0.0, 0.35)
    pull = (np.add(top, left) / 2) + rng.normal(0, 0.1, 2)
    stem = line(
        (x + rng.uniform(-0.05, 0.15), left[1] - rng.uniform(-0.05, 0.5)), (x + rng.normal(-0.05, 0.08), 1)
    )
    return [np.concatenate([curve(np.array(top), pull, np.array(left)), line(left, right)]), stem]


def closed_four(rng: np.random.Generator) -> Strokes:
    """A four whose two strokes start at the same point, so that it is closed at the top."""
    x, bar = rng.uniform(0.1, 0.4), rng.uniform(0.0, 0.35)
    head = (x + rng.uniform(-0.05, 0.15), -1)
    way = [head, (-rng.uniform(0.4, 0.8), bar), (x + rng.uniform(0.05, 0.5), bar + rng.normal(0, 0.06))]
    return [line(*way), line(head, (x + rng.normal(0, 0.08), 1))]


def looped_four(rng: np.random.Generator) -> Strokes:
    top = np.array([rng.uniform(-0.5, 0.1), -1])
    left = np.array([-rng.uniform(0.5, 0.9), rng.uniform(0.0, 0.5)])
    parts = [curve(top, (top + left) / 2 + rng.normal(0, 0.1, 2), left)]
    if rng.random() < 0.6:
        radius = rng.uniform(0.08, 0.25)
        loop = arc(np.pi * np.linspace(1, -0.6, 16), radius, radius)
        parts.append(loop + left + (radius, 0))
    parts.append(line(parts[-1][-1], (rng.uniform(0.4, 0.9), left[1] + rng.normal(0, 0.1))))
    x = rng.uniform(0.0, 0.4)
    head = (x + rng.uniform(-0.05, 0.35), rng.uniform(-0.9, left[1] - 0.3))
    return [np.concatenate(parts), line(head, (x, 1))]


def hooked_five(rng: np.random.Generator) -> Strokes:
    """A five in one stroke from the right end of its top; round or with corners."""
    width, neck = rng.uniform(0.3, 0.9), rng.uniform(-0.35, 0.1)
    left = -rng.uniform(0.3, 0.6)
    down = line((width, -1 + rng.normal(0, 0.08)), (left, -0.95), (left + rng.normal(0, 0.08), neck))
    if rng.random() < 0.4:
        down = through(rng, 0.06, (width, -0.95), (left, -0.9), (left, neck))
    belly = through(
        rng, 0.07, tuple(down[-1]), (0.25, neck), (0.6, 0.4), (0.15, 0.98), (-0.6, rng.uniform(0.6, 0.95))
    )
    return [np.concatenate([down, belly])]


def capped_five(rng: np.random.Generator) -> Strokes:
    """A five whose top is a separate stroke, possibly with a gap."""
    neck, left = rng.uniform(-0.35, 0.0), -rng.uniform(0.25, 0.55)
    body = through(
        rng, 0.06, (left, -0.85), (left, neck), (0.25, neck - 0.05), (0.55, 0.4), (0.1, 0.98), (-0.6, 0.8)
    )
    start = np.array([left + rng.uniform(-0.1, 0.25), -0.9 + rng.normal(0, 0.1)])
    return [body, line(start, start + (rng.uniform(0.5, 1.1), rng.normal(-0.08, 0.12)))]


def stemmed_six(rng: np.random.Generator) -> Strokes:
    """A six with a straight or curved stem and a loop of any size at its foot."""
    top, size = rng.uniform(-0.1, 0.6), rng.uniform(0.25, 0.6)
    left = -rng.uniform(0.3, 0.6)
    bow = (left * rng.uniform(0.2, 0.9), -0.3)
    loop = [(left, 0.6), (0, 1), (size, 0.6), (0.05, 1 - 1.4 * size), (left + rng.uniform(0, 0.25), 0.7)]
    return [through(rng, 0.06, (top, -1), bow, *loop)]


def barred_seven(rng: np.random.Generator) -> Strokes:
    """A seven, optionally with a bar through the stem, a hook at its end, or a tick at the start of its top."""
    width = rng.uniform(0.75, 1.3)
    left, corner = np.array([-width, rng.normal(-0.95, 0.08)]), np.array([0, -1])
    foot = np.array([-rng.uniform(0.1, 0.9) * width * 0.8, 1])
    pull = (corner + foot) / 2 + (rng.uniform(-0.25, 0.15), rng.normal(0, 0.1))
    parts = [line(left, corner), curve(corner, pull, foot)]
    if rng.random() < 0.35:
        parts.insert(0, line(left + rng.uniform(0.15, 0.45) * towards(rng.uniform(1.0, 2.1)), left))
    if rng.random() < 0.5:
        up = rng.uniform(-0.2, 1.05)
        way = towards(-up if rng.random() < 0.85 else np.pi + up)
        parts.append(line(foot, foot + rng.uniform(0.15, 0.55) * way))
    strokes = [np.concatenate(parts)]
    if rng.random() < 0.4:
        middle = corner + rng.uniform(0.4, 0.65) * (foot - corner)
        reach = np.array([rng.uniform(0.3, 0.6), rng.normal(0, 0.1)])
        strokes.append(line(middle - reach, middle + reach))
    return strokes


def bowed_seven(rng: np.random.Generator) -> Strokes:
    """A seven whose curved top runs into the stem, usually with a bar, which is often low."""
    width, drop = rng.uniform(0.4, 0.8), rng.uniform(0.0, 0.35)
    foot = np.array([-rng.uniform(0.0, 0.6), 1])
    roof = [(-width, -0.75 + rng.normal(0, 0.1)), (-0.25 * width, -1 + drop / 3), (width, -0.95 + drop / 2)]
    stem = (width * rng.uniform(0.3, 0.7), -0.4 + drop)
    way = [*roof, stem, ((stem[0] + foot[0]) / 2, 0.35), tuple(foot)]
    if rng.random() < 0.3:
        way.insert(0, (-width * rng.uniform(0.8, 1.1), -rng.uniform(0.2, 0.6)))
    if rng.random() < 0.25:
        way.append((foot[0] + rng.uniform(0.2, 0.5), 0.9))
    strokes = [through(rng, 0.05, *way)]
    if rng.random() < 0.75:
        middle = np.array(stem) + rng.uniform(0.2, 0.75) * (foot - stem)
        reach = np.array([rng.uniform(0.3, 0.75), rng.normal(-0.05, 0.12)])
        strokes.append(line(middle - reach, middle + reach))
    return strokes


def crossed_eight(rng: np.random.Generator) -> Strokes:
    """An eight drawn as an S and back again, open or closed at the top."""
    upper, lower = rng.uniform(0.25, 0.55, 2)
    end = (rng.uniform(-0.1, 0.6), rng.uniform(-1.05, -0.6))
    knots = [
        (upper, -0.75),
        (0, -1),
        (-upper, -0.6),
        (0.05, 0),
        (lower, 0.5),
        (0, 1),
        (-lower, 0.5),
        (0.0, 0.0),
    ]
    return [through(rng, 0.06, *knots, (upper * 0.8, -0.45), end)]


def two_rings_eight(rng: np.random.Generator) -> Strokes:
    """An eight made of two rings, one above the other."""
    turn = np.linspace(0, 2 * np.pi + rng.uniform(-0.2, 0.4), 36)
    parts = []
    for y in (-0.5, 0.5):
        ring = arc(-y * np.pi + turn * (1 if rng.random() < 0.5 else -1), rng.uniform(0.3, 0.6), 0.5)
        parts.append(ring + (rng.normal(0, 0.05), y))
    return parts


def curled_nine(rng: np.random.Generator) -> Strokes:
    """A nine with a small head, often narrow or flat, and a long tail that curls to the left."""
    wide, low = rng.uniform(0.25, 0.7), rng.uniform(-0.5, -0.1)
    head = [(0.3, -0.85), (-0.1, -1), (-wide, (low - 0.9) / 2), (-0.05, low), (0.35, -0.75)]
    bow, curl = rng.uniform(0.25, 0.6), rng.uniform(0.5, 0.95)
    return [through(rng, 0.06, *head, (bow, 0.2), (0.15, 0.95), (-0.65, curl))]


def lasso_nine(rng: np.random.Generator) -> Strokes:
    """A nine that starts at the right or in the middle, makes a flat loop and comes down through its end."""
    wide, tail = rng.uniform(0.5, 0.9), rng.uniform(0.0, 0.35)
    loop = [(rng.uniform(0.0, 0.5), -0.55), (-0.3, -0.5), (-wide, -0.8), (-0.1, -1), (0.55, -0.85), (0.2, -0.4)]
    end = [(tail, 0.3), (tail, 0.8), (-rng.uniform(0.2, 0.6), 0.95)] if rng.random() < 0.6 else [(0.05, 1)]
    return [through(rng, 0.06, *loop, *end)]


def straight_nine(rng: np.random.Generator) -> Strokes:
    """A nine with a straight stem; its head may stay open."""
    wide, low = rng.uniform(0.4, 0.75), rng.uniform(-0.35, 0.15)
    x = rng.uniform(0.2, 0.4)
    head = through(
        rng, 0.06, (x, -rng.uniform(0.6, 0.95)), (-0.1, -1), (-wide, (low - 1) / 2), (-0.1, low), (x, -0.6)
    )
    return [np.concatenate([head, line((x, -0.6), (x - rng.uniform(0.0, 0.6), 1))])]


ALLOGRAPHS: dict[int, tuple[Form, ...]] = {
    0: (slashed_zero, slashed_zero, open_zero),
    1: (flagged_one, flagged_one, flagged_one, closed_one, footed_one),
    2: (looped_two, angular_two),
    3: (flat_three, round_three),
    4: (looped_four, bolt_four, short_four, short_four, closed_four),
    5: (hooked_five, capped_five),
    6: (stemmed_six,),
    7: (barred_seven, bowed_seven),
    8: (crossed_eight, two_rings_eight),
    9: (curled_nine, curled_nine, lasso_nine, straight_nine),
}


def _bent(stroke: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The stroke displaced by slow waves along x and y, like a digit that is not quite straight."""
    height = rng.normal(0, 0.05, (2, 2))
    waves = np.sin(stroke[:, :, None] * rng.uniform(1, 2.5, (2, 2)) + rng.uniform(0, 2 * np.pi, (2, 2)))
    return stroke + np.einsum("pjk,jk->pk", waves, height)
