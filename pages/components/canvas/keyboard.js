// Drawing without a mouse: the arrow keys move a cursor over a grid, Space sets a point, and Enter ends the stroke,
// which goes from point to point in straight lines. It is then drawn with the mouse's own events, so that it is a
// stroke like any other.

const CELLS = 14, STEP = 4; // cells of the grid in each direction; canvas pixels from one mouse event to the next
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CURSOR = `<svg class="cursor" aria-hidden="true"><polyline class="under"/><polyline/><circle class="under"/><circle/>
    </svg><span class="spoken" role="status"></span>`;
let place = [7, 3], points = []; // in cells, from the upper left corner

function takeKeys(root, words) {
    const board = root.querySelector(".canvas-container");
    if (!board.querySelector(".cursor")) board.insertAdjacentHTML("beforeend", CURSOR);
    Object.assign(root, { tabIndex: 0, role: "application", ariaLabel: words.canvas });
    root.setAttribute("aria-description", words.keys);
    const side = () => board.clientWidth / CELLS;
    const at = ([column, row]) => [(column + 0.5) * side(), (row + 0.5) * side()];
    const show = () => {
        const [x, y] = at(place), line = [...points, place].map((point) => at(point).join(",")).join(" ");
        for (const part of board.querySelectorAll("polyline")) part.setAttribute("points", line);
        for (const part of board.querySelectorAll("circle"))
            for (const [name, value] of Object.entries({ cx: x, cy: y, r: side() / 2 })) part.setAttribute(name, value);
    };
    const say = (said) => {
        const [column, row] = place;
        root.querySelector(".spoken").textContent = said.replace("{column}", column + 1).replace("{row}", row + 1);
    };
    const acts = {
        " ": () => {
            points.push(place);
            say(words.point);
        },
        Enter: () => {
            if (points.length) trace(board.querySelector(".upper-canvas"), [...points, place].map(at));
            points = [];
        },
        Escape: () => (points = []),
    };
    root.onkeydown = (event) => {
        const move = MOVES[event.key];
        if (event.ctrlKey || event.metaKey || event.altKey || !(move || acts[event.key])) return;
        event.preventDefault();
        event.stopPropagation();
        if (move) {
            place = place.map((cell, i) => Math.min(Math.max(cell + move[i], 0), CELLS - 1));
            say(words.place);
        } else acts[event.key]();
        show();
    };
    show();
}

// The mouse presses at the first point, goes to the others in straight lines, and is released at the last.
function trace(target, [first, ...others]) {
    const { left, top } = target.getBoundingClientRect();
    const send = (type, [x, y], buttons) => {
        const where = { clientX: left + x, clientY: top + y, buttons };
        target.dispatchEvent(new MouseEvent(type, { ...where, bubbles: true, composed: true, cancelable: true }));
    };
    send("mousedown", first, 1);
    let from = first;
    for (const to of others) {
        const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / STEP);
        for (let i = 1; i <= steps; i++) send("mousemove", from.map((start, axis) => start + ((to[axis] - start) * i) / steps), 1);
        from = to;
    }
    send("mouseup", from, 0);
}
