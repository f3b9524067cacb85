// The layers of a network as the image flows through them. Whoever points at a value sees what feeds it; whoever
// clicks it sees how it is worked out (sum.js). The server computes all values and sends them as bytes; the
// chosen value is this component's state "cell".

const HIGH = 400, GAP = 4, UNIT = 14, INPUT = 168, NARROW = 92, ANSWER = 190; // pixels
const PHONE = 560; // pixels: in a narrower part, the layers stand below one another
const ACCENT = "#ffb000";
const known = new WeakMap(); // Streamlit calls again for new data

export default function ({ parentElement, data, setStateValue }) {
    if (!known.has(parentElement)) known.set(parentElement, new Network(parentElement));
    known.get(parentElement).show(data, (cell) => setStateValue("cell", cell));
}

class Network {
    constructor(parent) {
        this.root = parent.appendChild(element("div", "network"));
        this.flow = this.root.appendChild(element("div", "flow"));
        this.row = this.flow.appendChild(element("div", "row"));
        this.marks = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        this.marks.setAttribute("class", "marks");
        this.tip = element("div", "tip");
        this.tip.hidden = true;
        this.legend = this.root.appendChild(element("div", "legend"));
        this.sum = this.root.appendChild(element("div", "sum"));
        this.spoken = this.root.appendChild(element("div", "spoken"));
        this.spoken.setAttribute("aria-live", "polite");
        this.all = new Set(); // the numbers of the layers that are shown in full
        const fitted = new ResizeObserver(() => this.fit());
        for (const part of [this.root, this.row]) fitted.observe(part); // the row: text wraps again in its own font
    }

    show(data, tell) {
        const isAnother = data.picture.network !== this.data?.picture.network;
        const isSame = this.views && !isAnother && JSON.stringify(data.words) === JSON.stringify(this.data.words);
        const isOfAnother = isAnother || data.picture.image !== this.data.picture.image;
        [this.data, this.tell] = [data, tell];
        if (isAnother) this.all.clear();
        // An answer to an earlier click must not undo a later one.
        if (isOfAnother || !this.told || isEqual(this.told, data.sum.chosen)) {
            [this.chosen, this.told] = [data.sum.chosen, null];
        }
        this.layers = data.picture.layers.filter((layer) => layer.values !== null);
        for (const layer of this.layers) layer.bytes = bytes(layer.values);
        this.row.setAttribute("aria-label", data.words.network);
        if (isSame) this.renew();
        else this.lay();
        showSum(this.sum, data, this.layers, (layer, at) => this.choose(layer, at), () => this.reset());
        if (this.spoken.textContent !== data.sum.words) this.spoken.textContent = data.sum.words;
        showLegend(this.legend, data.words);
    }

    fit() {
        if (!this.data || !this.root.clientWidth) return; // it is hidden
        if (this.root.clientWidth !== this.width) this.lay();
        else this.mark();
    }

    // Build the layers' columns, at a size that fits.
    lay() {
        if (!this.root.clientWidth) return; // it is hidden
        this.width = this.root.clientWidth;
        this.isPhone = this.width < PHONE;
        const middle = this.layers.slice(1, -1), images = middle.filter((layer) => layer.shape.length === 3).length;
        const left = this.width - 4 - INPUT - ANSWER - (middle.length - images) * NARROW - (middle.length + 1) * 20;
        this.side = Math.max(44, Math.min(76, Math.floor((left / (images || 1) - GAP) / 2)));
        const spare = left - images * (2 * this.side + GAP);
        this.row.style.columnGap = `${20 + Math.max(0, Math.min(90, Math.floor(spare / (middle.length + 1))))}px`;
        if (this.isPhone) this.side = Math.floor(this.width / 5) - GAP;
        this.flow.classList.toggle("phone", this.isPhone);
        this.views = new Map();
        this.row.replaceChildren(...this.layers.map((layer) => this.column(layer)), this.marks, this.tip);
        this.mark();
    }

    // Show new values in the same columns: what is pointed at, clicked or focused stays.
    renew() {
        for (const layer of this.layers) this.views.get(layer.number).renew(layer);
        this.mark();
    }

    column(layer) {
        const box = element("section", "layer");
        box.style.setProperty("--wide", `${this.isPhone ? this.width : this.wideOf(layer)}px`);
        const code = layer.code.replace(/[=_]/g, "$&\u200b"); // a long line may break there
        box.append(element("b", "", layer.name.replace(/[a-z](?=[A-Z])/g, "$&\u200b")), element("code", "", code), element("small", "", layer.size));
        const view = layer.isOutput ? new Digits(layer, this) : new Plate(layer, this);
        this.views.set(layer.number, view);
        box.append(view.node);
        if (view.more) {
            const button = element("button", "more", view.more);
            button.onclick = () => {
                if (!this.all.delete(layer.number)) this.all.add(layer.number);
                this.lay();
            };
            box.append(button);
        }
        return box;
    }

    wideOf(layer) {
        if (layer.number === 0 || layer.isOutput) return layer.isOutput ? ANSWER : INPUT;
        return layer.shape.length === 3 ? Math.max(NARROW, 2 * this.side + GAP) : NARROW;
    }

    // What a value sees of the image. In a vector whose values are passed on one by one, each sees its own part.
    seen(place, at) {
        const layer = this.layers[place], before = this.layers[place - 1];
        if (place === 0) return { top: at[0], left: at[1], height: 1, width: 1, channel: 0 };
        if (layer.sees) return windowOf(layer.sees, at, this.layers[0]);
        const { top, left, channel } = windowOf(layer.fedBy, at, before);
        return this.seen(place - 1, before.shape.length === 3 ? [top, left, channel] : [channel]);
    }

    // A part of a layer's channels: those that take part in the chosen value, and the first ones.
    shownOf(number, channels, most) {
        const needed = this.data.sum.needs[number] ?? [];
        const others = [...Array(channels).keys()].filter((channel) => !needed.includes(channel));
        return [...needed, ...others].slice(0, most).sort((a, b) => a - b);
    }

    point(layer, at) {
        if (`${this.pointed?.at}` === `${at}` && this.pointed?.layer === layer?.number) return;
        this.pointed = layer && at && { layer: layer.number, at };
        this.mark();
        this.showTip(layer, at);
    }

    showTip(layer, at) {
        const box = layer && at && layer.number in this.data.words.places && this.views.get(layer.number).box(at);
        this.tip.hidden = !box;
        if (!box) return;
        const [row, column, channel] = at.length === 3 ? at : [0, 0, at[0]];
        const words = this.data.words.places[layer.number];
        const filled = words.replace("{row}", row).replace("{column}", column).replace("{channel}", channel);
        const [, width, channels] = layer.shape.length === 3 ? layer.shape : [1, 1, layer.shape[0]];
        const level = layer.bytes[(row * width + column) * channels + channel];
        this.tip.textContent = `${filled} ≈ ${short(layer.low + ((layer.high - layer.low) * level) / 255)}`;
        this.tip.style.cssText = `left: ${Math.max(0, box.x - 20)}px; top: ${box.y - 30}px`;
    }

    choose(number, at) {
        this.chosen = this.told = { layer: number, at };
        this.mark();
        const { network, image } = this.data.picture;
        this.tell({ network, image, layer: number, at });
    }

    reset() {
        this.told = null;
        this.tell(null);
    }

    // Frame the value, what feeds it in the layer before, and what it sees of the drawing.
    mark() {
        const { layer: number, at } = this.pointed ?? this.chosen;
        const place = this.layers.findIndex((layer) => layer.number === number);
        const layer = this.layers[place], before = this.layers[place - 1];
        this.marks.setAttribute("width", this.row.scrollWidth);
        this.marks.setAttribute("height", this.row.scrollHeight);
        const shapes = [], view = this.views.get(number), cell = layer && view.box(at);
        if (!cell) return this.marks.replaceChildren();
        if (before) {
            const fed = layer.fedBy && windowOf(layer.fedBy, at, before);
            const feeding = this.views.get(before.number);
            const isChosen = !this.pointed || (number === this.chosen.layer && `${at}` === `${this.chosen.at}`);
            const strongest = isChosen ? (this.data.sum.contributions ?? []) : [];
            if (strongest.length && isEqual(this.data.sum.chosen, this.chosen)) {
                const most = Math.max(...strongest.map((part) => Math.abs(part.product)), 1e-9);
                for (const part of strongest) {
                    const from = feeding.box(part.at);
                    const weight = Math.abs(part.product) / most;
                    if (from) shapes.push(...link(from, cell, part.product >= 0 ? "for" : "against", weight), frame(from));
                }
            } else if (fed) {
                for (const from of feeding.windows(fed)) shapes.push(frame(from), ...link(from, cell, "feeds", 0.35));
            }
        }
        if (place > 0) {
            const field = this.seen(place, at);
            for (const from of this.views.get(0).windows(field)) shapes.push(frame(from, "field"));
        }
        shapes.push(frame(cell, "cell"));
        this.marks.replaceChildren(...shapes);
    }
}

// One layer's values on a canvas: its channels as planes, or its units as squares.
class Plate {
    constructor(layer, network) {
        [this.layer, this.network] = [layer, network];
        const [height, width, channels] = layer.shape.length === 3 ? layer.shape : [1, 1, layer.shape[0]];
        Object.assign(this, { height, width, channels, isImage: layer.shape.length === 3 });
        const isInput = layer.number === 0;
        this.side = isInput ? INPUT : this.isImage ? network.side : UNIT - 2;
        this.gap = isInput ? 0 : this.isImage ? GAP : 2;
        const pitch = this.side + this.gap, isPhone = network.isPhone;
        const high = Math.max(1, Math.floor(HIGH / pitch));
        const inRow = Math.max(1, Math.floor((network.width + this.gap) / pitch));
        const most = isPhone ? inRow * (this.isImage ? 2 : 6) : this.isImage ? high * 2 : 64;
        const isWhole = network.all.has(layer.number) || channels <= most;
        this.shown = isWhole ? channels : most;
        const { all, some } = network.data.words;
        if (channels > most) this.more = isWhole ? some : all.replace("{count}", channels);
        this.columns = isPhone ? Math.min(inRow, this.shown) : Math.ceil(this.shown / Math.min(high, this.shown));
        if (!isPhone && this.isImage && !isInput) this.columns = Math.max(2, this.columns);
        if (isInput) this.columns = 1;
        const even = [0, 1, 2].map((more) => this.columns + more).find((columns) => this.shown % columns === 0);
        if (!this.isImage && !isPhone) this.columns = even ?? this.columns;
        const rows = Math.ceil(this.shown / this.columns);
        this.node = element("canvas");
        [this.wide, this.tall] = [this.columns * pitch - this.gap, rows * pitch - this.gap];
        this.renew(layer);
        this.listen();
    }

    renew(layer) {
        this.layer = layer;
        this.channelsShown = this.network.shownOf(layer.number, this.channels, this.shown);
        const { node, wide, tall } = this, ratio = devicePixelRatio || 1;
        [node.width, node.height] = [Math.round(wide * ratio), Math.round(tall * ratio)];
        [node.style.width, node.style.height] = [`${wide}px`, `${tall}px`];
        const pen = node.getContext("2d");
        pen.scale(ratio, ratio);
        pen.imageSmoothingEnabled = false;
        for (const channel of this.channelsShown) {
            pen.drawImage(plane(layer, channel), ...this.corner(channel), this.side, this.side);
        }
    }

    corner(channel) {
        const pitch = this.side + this.gap, place = this.channelsShown.indexOf(channel);
        return [(place % this.columns) * pitch, Math.floor(place / this.columns) * pitch];
    }

    listen() {
        const { node, network } = this, { number, name, size } = this.layer;
        node.tabIndex = 0;
        node.dataset.layer = number;
        node.setAttribute("role", "application");
        node.setAttribute("aria-label", `${name} ${size}. ${network.data.words.keys}`);
        node.onpointermove = (event) => network.point(this.layer, this.under(event));
        node.onpointerleave = () => network.point(null);
        node.onclick = (event) => {
            const at = this.under(event);
            if (at) network.choose(number, at);
        };
        node.onkeydown = (event) => {
            const at = this.moved(event.key);
            if (!at) return;
            event.preventDefault();
            network.pointed = null;
            network.choose(number, at);
        };
    }

    under(event) {
        const box = this.node.getBoundingClientRect(), pitch = this.side + this.gap;
        const [x, y] = [event.clientX - box.left, event.clientY - box.top];
        const [column, row] = [Math.floor(x / pitch), Math.floor(y / pitch)];
        const channel = column < 0 || column >= this.columns ? null : this.channelsShown[row * this.columns + column];
        if (channel == null) return null;
        const inside = (value, count) => Math.min(count - 1, Math.floor((value * count) / this.side));
        const at = [inside(y - row * pitch, this.height), inside(x - column * pitch, this.width), channel];
        return this.isImage ? at : [channel];
    }

    moved(key) {
        const { chosen } = this.network, isHere = chosen.layer === this.layer.number;
        const at = isHere ? chosen.at : this.isImage ? [0, 0, 0] : [0];
        const step = { ArrowUp: [-1, 0, 0], ArrowDown: [1, 0, 0], ArrowLeft: [0, -1, 0], ArrowRight: [0, 1, 0] }[key]
            ?? { PageUp: [0, 0, -1], PageDown: [0, 0, 1] }[key];
        if (!step && key !== "Enter") return null;
        if (!isHere || !step) return at;
        const inside = (value, count) => Math.min(count - 1, Math.max(0, value));
        if (!this.isImage) return [inside(at[0] + step[0] * this.columns + step[1] + step[2], this.channels)];
        return at.map((value, i) => inside(value + step[i], [this.height, this.width, this.channels][i]));
    }

    // The place of a value in the row, in pixels; null if its plane is not shown.
    box(at) {
        const [y, x, channel] = this.isImage ? at : [0, 0, at[0]];
        return this.windows({ top: y, left: x, height: 1, width: 1, channel })[0] ?? null;
    }

    windows({ top, left, height, width, channel }) {
        const [y0, x0] = [Math.max(0, top), Math.max(0, left)];
        const [y1, x1] = [Math.min(this.height, top + height), Math.min(this.width, left + width)];
        const [cellY, cellX] = [this.side / this.height, this.side / this.width];
        if (!this.isImage && channel === null) return [this.place(0, 0, this.wide, this.tall)];
        const channels = channel === null ? this.channelsShown : this.channelsShown.filter((of) => of === channel);
        return channels.map((of) => {
            const [x, y] = this.corner(of);
            return this.place(x + x0 * cellX, y + y0 * cellY, (x1 - x0) * cellX, (y1 - y0) * cellY);
        });
    }

    place(x, y, width, height) {
        const [row, own] = [this.network.row.getBoundingClientRect(), this.node.getBoundingClientRect()];
        return { x: own.left - row.left + x, y: own.top - row.top + y, width, height, isBelow: this.network.isPhone };
    }
}

// The last layer: ten digits with their probabilities.
class Digits {
    constructor(layer, network) {
        [this.layer, this.network] = [layer, network];
        this.node = element("div", "digits");
        for (let digit = 0; digit < 10; digit++) {
            const button = element("button");
            button.dataset.layer = `${layer.number}-${digit}`;
            button.append(element("b", "", digit), element("i"), element("span"));
            button.onpointerenter = () => network.point(this.layer, [digit]);
            button.onpointerleave = () => network.point(null);
            button.onclick = () => network.choose(layer.number, [digit]);
            this.node.append(button);
        }
        this.renew(layer);
    }

    renew(layer) {
        this.layer = layer;
        const best = Math.max(...layer.exact);
        layer.exact.forEach((value, digit) => {
            const button = this.node.children[digit];
            button.className = value === best ? "best" : "";
            button.querySelector("i").style.setProperty("--share", value);
            button.querySelector("span").textContent = layer.percent[digit];
        });
    }

    box([digit]) {
        const [row, own] = [this.network.row.getBoundingClientRect(), this.node.children[digit].getBoundingClientRect()];
        const [x, y] = [own.left - row.left, own.top - row.top];
        return { x, y, width: own.width, height: own.height, isBelow: this.network.isPhone };
    }
}

// What feeds the value `at`: a window in the layer `before`.
function windowOf({ size, stride, offset, channel, isFlat }, at, before) {
    if (isFlat) {
        const [, width, channels] = before.shape, [index] = at;
        const [y, x] = [Math.floor(index / channels / width), Math.floor(index / channels) % width];
        return { top: y, left: x, height: 1, width: 1, channel: index % channels };
    }
    const [y, x] = at.length === 3 ? at : [0, at[0]];
    const [top, left] = [y * stride[0] + offset[0], x * stride[1] + offset[1]];
    if (before.shape.length === 1) {
        return { top: 0, left: 0, height: 1, width: 1, channel: size[1] === 1 ? left : null };
    }
    return { top, left, height: size[0], width: size[1], channel: channel === "own" ? at.at(-1) : null };
}

const planes = new WeakMap();

// One channel as a small picture, a pixel a value.
function plane(layer, channel) {
    if (!planes.has(layer)) planes.set(layer, new Map());
    const made = planes.get(layer);
    if (made.has(channel)) return made.get(channel);
    const [height, width, channels] = layer.shape.length === 3 ? layer.shape : [1, 1, layer.shape[0]];
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const picture = new ImageData(width, height), most = Math.max(-layer.low, layer.high, 1e-9);
    for (let i = 0; i < width * height; i++) {
        const value = layer.low + ((layer.high - layer.low) * layer.bytes[i * channels + channel]) / 255;
        picture.data.set([...colourOfOutput(value / most), 255], 4 * i);
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
    made.set(channel, canvas);
    return canvas;
}

function mixed(stops, share) {
    const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1), low = Math.min(Math.floor(place), stops.length - 2);
    return stops[low].map((from, i) => Math.round(from + (stops[low + 1][i] - from) * (place - low)));
}

// Outputs: dark at 0, light at the layer's largest, violet below 0. Weights: blue for, red against.
const DARK = [27, 35, 56];
const OUTPUT = [DARK, [38, 70, 120], [84, 150, 200], [244, 246, 240]], BELOW = [DARK, [92, 48, 120], [190, 120, 205]];
const FOR = [DARK, [40, 82, 190], [112, 162, 255]], AGAINST = [DARK, [165, 36, 62], [255, 110, 120]];
const colourOfOutput = (share) => mixed(share >= 0 ? OUTPUT : BELOW, Math.abs(share) ** 0.7); // weak ones are seen
const colourOfWeight = (share) => mixed(share >= 0 ? FOR : AGAINST, Math.abs(share) ** 0.7);

function showLegend(box, words) {
    const bar = (name, colour, texts) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 80, height: 1, className: "scale" });
        for (let i = 0; i < 80; i++) {
            const pen = canvas.getContext("2d");
            pen.fillStyle = `rgb(${colour(i / 39.5 - 1)})`;
            pen.fillRect(i, 0, 1, 1);
        }
        const part = element("span");
        part.append(name, element("small", "", texts[0]), canvas, element("small", "", texts[1]));
        return part;
    };
    const frames = ["cell", "feeds", "field"].map((kind) => {
        const part = element("span");
        part.append(element("i", kind), words[kind]);
        return part;
    });
    box.replaceChildren(
        bar(words.outputs, colourOfOutput, ["−", "+"]), bar(words.weights, colourOfWeight, ["−", "+"]), ...frames,
    );
}

function frame({ x, y, width, height }, kind = "feeds") {
    const around = kind === "feeds" ? 0.5 : 1;
    return shape("rect", {
        class: kind, x: x - around, y: y - around, width: width + 2 * around, height: height + 2 * around, rx: 1.5,
    });
}

function link(from, to, kind, weight) {
    const isBelow = from.isBelow, [x0, y0] = isBelow
        ? [from.x + from.width / 2, from.y + from.height] : [from.x + from.width, from.y + from.height / 2];
    const [x1, y1] = isBelow ? [to.x + to.width / 2, to.y] : [to.x, to.y + to.height / 2];
    const bend = isBelow ? [x0, (y0 + y1) / 2, x1, (y0 + y1) / 2] : [(x0 + x1) / 2, y0, (x0 + x1) / 2, y1];
    const path = `M${x0} ${y0}C${bend.join(" ")} ${x1} ${y1}`;
    return [shape("path", { class: kind, d: path, "stroke-width": 0.8 + 2 * weight, opacity: 0.25 + 0.6 * weight })];
}

function shape(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
}

function isEqual(one, other) {
    return one.layer === other.layer && `${one.at}` === `${other.at}`;
}

function element(name, kind = "", text = "") {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    made.textContent = text;
    if (name === "button") made.type = "button";
    return made;
}

function bytes(text) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
