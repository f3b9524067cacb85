// Loss and accuracy by epoch: the same charts for a run that trains, for a finished one, and for several runs
// compared. Dragging across a chart zooms both charts to those epochs.

const HEIGHT = 240, LEFT = 46, RIGHT = 12, TOP = 10, BOTTOM = 40;
const MEASURES = {
    loss: { at: 1, isLog: true, text: (value) => value.toPrecision(4) },
    accuracy: { at: 2, text: (value) => `${(100 * value).toFixed(2)}%` },
};
const PARTS = `<div class="picture"><div class="legend"></div><div class="charts">${Object.keys(MEASURES)
    .map((name) => `<div class="chart" data-measure="${name}"><b></b> <small></small><svg role="img"></svg></div>`)
    .join("")}</div></div><div class="below"><p></p><button data-does="reset"></button>
    <button data-does="svg">SVG</button>
    <button data-does="png">PNG</button></div><div class="tip" hidden></div>`;

const LIVE = "mnist-studio-live"; // the event with a new poll: its run, time and chart data
let newest = {}; // the last poll: Streamlit may call with older data
addEventListener(LIVE, (event) => (newest = event.detail));
const known = new WeakMap(); // Streamlit calls again for new data

export default function ({ parentElement, data }) {
    if (!known.has(parentElement)) known.set(parentElement, new Curves(parentElement));
    const curves = known.get(parentElement);
    curves.begin(data);
    return () => parentElement.isConnected || curves.end(); // Streamlit ends an earlier call after the next one
}

class Curves {
    constructor(parent) {
        this.root = parent.appendChild(document.createElement("div"));
        [this.root.className, this.root.innerHTML] = ["curves", PARTS];
        this.charts = [...this.root.querySelectorAll(".chart")].map((box) => new Chart(box, this));
        for (const button of this.root.querySelectorAll("button")) button.onclick = () => this.press(button);
        this.heard = () => this.draw();
        this.fitted = new ResizeObserver(this.heard);
    }

    begin(data) {
        const isAnother = this.data?.run !== data.run;
        this.data = data;
        addEventListener(LIVE, this.heard);
        this.fitted.observe(this.root);
        if (isAnother) this.zoom(null);
        else this.draw();
    }

    end() {
        removeEventListener(LIVE, this.heard);
        this.fitted.disconnect();
    }

    draw() {
        const { run, at, words } = this.data;
        const isNewer = at && newest.run === run && newest.language === words.language && newest.at > at;
        this.picture = isNewer ? newest.picture : this.data.picture;
        for (const button of this.root.querySelectorAll("button")) {
            const does = button.dataset.does;
            if (does === "reset") button.textContent = words.reset;
            else button.title = words[does];
        }
        this.root.querySelector(".legend").innerHTML = legend(this.picture, words);
        this.root.querySelector("p").textContent = this.picture.notes.join(" ");
        this.root.querySelector("[data-does=reset]").style.visibility = this.zoomed ? "visible" : "hidden";
        for (const chart of this.charts) chart.draw();
    }

    zoom(between) {
        this.zoomed = between; // the first and the last visible epoch
        for (const chart of this.charts) chart.within = chart.nearest = null;
        this.root.querySelector(".tip").hidden = true;
        this.draw();
    }

    async press(button) {
        const does = button.dataset.does;
        if (does === "reset") return this.zoom(null);
        const { text, width, height } = standalone(this.root.querySelector(".picture"));
        const drawing = new Blob([text], { type: "image/svg+xml" });
        save(does === "svg" ? drawing : await asPng(drawing, width, height), `${this.data.file}.${does}`);
    }
}

class Chart {
    constructor(box, curves) {
        Object.assign(this, { box, curves, name: box.dataset.measure, svg: box.querySelector("svg") });
        this.measure = MEASURES[this.name];
        this.svg.onpointerdown = (event) => this.press(event);
        this.svg.onpointermove = (event) => this.move(event);
        this.svg.onpointerup = () => this.release();
        this.svg.onpointercancel = this.svg.onpointerleave = (event) => this.leave(event);
        this.svg.ondblclick = () => curves.zoom(null);
    }

    get words() {
        return this.curves.data.words;
    }

    get picture() {
        return this.curves.picture;
    }

    x = (epoch) => LEFT + ((epoch - this.from) / (this.to - this.from)) * (this.svg.clientWidth - LEFT - RIGHT);
    y = (value) => TOP + this.share(value) * (HEIGHT - TOP - BOTTOM);
    epoch = (x) => this.from + ((x - LEFT) / (this.svg.clientWidth - LEFT - RIGHT)) * (this.to - this.from);
    value = (point) => point[this.measure.at];
    has = (point) => this.value(point) !== null; // a tutorial did not print every figure

    // The distance of a value from the upper end of the axis, as a share of the axis's length.
    share(value) {
        const on = this.measure.isLog ? (of) => Math.log(Math.max(of, this.low / 2)) : (of) => of;
        return (on(this.high) - on(value)) / (on(this.high) - on(this.low));
    }

    draw() {
        const [title, words, label] = this.words[this.name];
        [this.box.children[0].textContent, this.box.children[1].textContent] = [title, words];
        this.svg.setAttribute("aria-label", this.inWords(label));
        [this.from, this.to] = this.curves.zoomed ?? [0, this.picture.epochs];
        if (this.curves.zoomed) this.within ??= this.seen();
        [this.low, this.high] = this.within ?? this.picture.limits[this.name];
        const lines = this.picture.series.map((series) => this.line(series)).join("");
        const [below, above] = this.marks();
        const clip = `clip-${this.name}-${this.curves.data.key}`;
        const width = this.svg.clientWidth - LEFT - RIGHT + (this.curves.zoomed ? 0 : 6); // for the last dot
        const inner = `x="${LEFT}" y="${TOP - 6}" width="${Math.max(0, width)}"`;
        this.svg.innerHTML =
            `<clipPath id="${clip}"><rect ${inner} height="${HEIGHT - TOP - BOTTOM + 6}"/></clipPath>${this.axes()}` +
            `<g clip-path="url(#${clip})">${below}${lines}${above}${this.selection()}</g>${this.pointed()}`;
    }

    // What screen readers say: the last value of each curve.
    inWords(label) {
        const lasts = this.picture.series.map(({ name, points }) => [name, points.filter(this.has).at(-1)])
            .filter(([, last]) => last).map(([name, last]) => `${name} ${this.measure.text(this.value(last))}`);
        const values = new Intl.ListFormat(this.words.language).format(lasts);
        return lasts.length ? this.words.last.replace("{chart}", label).replace("{values}", () => values) : label;
    }

    axes() {
        const bottom = HEIGHT - BOTTOM, right = this.svg.clientWidth - RIGHT;
        const text = (x, y, anchor, words) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
        const values = ticks(this.low, this.high, 5, this.measure.isLog).map(([value, words]) => {
            const y = this.y(value);
            return `<line x1="${LEFT}" x2="${right}" y1="${y}" y2="${y}"/>${text(LEFT - 6, y + 4, "end", words)}`;
        });
        const least = this.curves.zoomed ? 0 : 1;
        const epochs = ticks(this.from, this.to, 8, false, least).map(([epoch, words]) =>
            text(this.x(epoch), bottom + 16, "middle", words)
        );
        return [...values, ...epochs, text((LEFT + right) / 2, bottom + 34, "middle", this.words.epoch)].join("");
    }

    // The published accuracy: a line below the curves, and marks above them.
    marks() {
        const { published } = this.picture;
        if (!published || this.name !== "accuracy") return ["", ""];
        const y = this.y(published.accuracy);
        const line = `<line class="published" x1="${LEFT}" x2="${this.svg.clientWidth - RIGHT}" y1="${y}" y2="${y}"/>`;
        return [line, published.earlier.map(([epoch, value]) => diamond(this.x(epoch), this.y(value))).join("")];
    }

    line({ kind, colour, points }) {
        const places = points.filter(this.has).map((point) => `${this.x(point[0]).toFixed(1)},${this.y(this.value(point)).toFixed(1)}`);
        const path = places.length ? `M${places.join("L")}h0` : ""; // h0: a single point is drawn as a dot
        const dots = places.map(MARKS[kind] ?? (() => "")).join("");
        return `<g style="--line: ${colour}"><path class="${kind}" d="${path}"/><path class="dots" d="${dots}"/></g>`;
    }

    selection() {
        const [from, to] = this.between();
        const place = `x="${from}" y="${TOP}" width="${to - from}" height="${HEIGHT - TOP - BOTTOM}"`;
        return to > from ? `<rect class="selection" ${place}/>` : "";
    }

    pointed() {
        if (!this.nearest) return "";
        const [series, point] = this.nearest;
        const place = `cx="${this.x(point[0])}" cy="${this.y(this.value(point))}"`;
        return `<circle ${place} r="5" style="--line: ${series.colour}"/>`;
    }

    // The range of values in the visible epochs, including the next points on both sides.
    seen() {
        const isSeen = (_, i, points) => !(points[i + 1]?.[0] < this.from) && !(points[i - 1]?.[0] > this.to);
        const found = this.picture.series.flatMap(({ points }) =>
            points.filter(this.has).filter(isSeen).map(this.value)
        );
        if (!found.length) return null;
        const low = Math.min(...found), high = Math.max(...found);
        if (this.measure.isLog) return [Math.max(low, 1e-7) / 1.1, Math.max(high, 1e-7) * 1.1];
        const room = Math.max((high - low) / 10, 0.001);
        return [Math.max(0, low - room), Math.min(1, high + room)];
    }

    press(event) {
        if (event.button) return;
        this.svg.setPointerCapture(event.pointerId);
        const x = event.clientX - this.svg.getBoundingClientRect().left;
        this.dragged = [x, x];
        this.move(event);
    }

    move(event) {
        const { left, top } = this.svg.getBoundingClientRect();
        if (this.dragged) this.dragged[1] = event.clientX - left;
        this.point(event.clientX - left, event.clientY - top);
        this.draw();
    }

    // The selected range, from left to right, in pixels.
    between() {
        const inside = (x) => Math.min(Math.max(x, LEFT), this.svg.clientWidth - RIGHT);
        return (this.dragged ?? [0, 0]).map(inside).sort((a, b) => a - b);
    }

    release() {
        const [from, to] = this.between();
        this.dragged = null;
        if (to - from > 8) this.curves.zoom([this.epoch(from), this.epoch(to)]);
        else this.draw();
    }

    leave(event) {
        this.dragged = null;
        if (event.pointerType === "touch") return this.draw(); // a finger leaves after pointing: keep the tip
        this.nearest = null;
        this.curves.root.querySelector(".tip").hidden = true;
        this.draw();
    }

    // Shows the values of the nearest point beside it.
    point(x, y) {
        const away = (point) => Math.hypot(this.x(point[0]) - x, (this.y(this.value(point)) - y) / 4);
        const inside = ([epoch]) => epoch >= this.from && epoch <= this.to;
        const all = this.picture.series.flatMap((series) =>
            series.points.filter(this.has).filter(inside).map((point) => ({ found: [series, point], away: away(point) }))
        );
        const best = all.reduce((a, b) => (b.away < a.away ? b : a), { away: Infinity });
        this.nearest = best.found ?? null;
        this.tell();
    }

    tell() {
        const tip = this.curves.root.querySelector(".tip");
        tip.hidden = !this.nearest;
        if (tip.hidden) return;
        const [{ name }, point] = this.nearest;
        tip.textContent = `${name}\n${this.words.epoch} ${point[0].toFixed(2)}: ${this.measure.text(this.value(point))}`;
        const at = this.svg.getBoundingClientRect(), all = this.curves.root.getBoundingClientRect();
        const left = at.left - all.left + this.x(point[0]), isRight = this.x(point[0]) > this.svg.clientWidth / 2;
        const top = at.top - all.top + Math.min(Math.max(this.y(this.value(point)), TOP), HEIGHT - BOTTOM);
        const beside = left + (isRight ? -12 - tip.offsetWidth : 12);
        tip.style.left = `${Math.max(0, Math.min(beside, all.width - tip.offsetWidth))}px`;
        tip.style.top = `${top - tip.offsetHeight / 2}px`;
    }
}

const MARKS = { validation: (place) => dot(place), "published training": small, "published validation": small };
const dot = (place) => `M${place}m-3,0a3,3 0 1 0 6,0a3,3 0 1 0 -6,0`;
function small(place) {
    return `M${place}m-2,0a2,2 0 1 0 4,0a2,2 0 1 0 -4,0`;
}
const diamond = (x, y) => `<path class="earlier" d="M${x},${y - 6}l6,6l-6,6l-6,-6z"/>`;

// An entry for each mark, drawn as it is drawn in the charts.
function legend({ series, published }, words) {
    const entries = series.map(({ name, kind, colour }) => {
        const dots = MARKS[kind]?.("13,6") ?? "";
        return [`<g style="--line: ${colour}"><path class="${kind}" d="M1,6h24"/><path class="dots" d="${dots}"/></g>`, name];
    });
    if (published) entries.push([`<line class="published" x1="1" x2="25" y1="6" y2="6"/>`, published.words]);
    if (published?.earlier.length) entries.push([diamond(13, 6), words.earlier]);
    const quote = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    return entries
        .map(([mark, name]) => `<span><svg class="mark">${mark}</svg><i title="${quote(name)}">${quote(name)}</i></span>`)
        .join("");
}

// The [value, text] pairs that label an axis: about `count`, at least `least` apart.
function ticks(low, high, count, isLog, least = 0) {
    const found = [];
    if (isLog && high > 10 * low) {
        for (let unit = 10 ** Math.floor(Math.log10(low)); unit <= high; unit *= 10)
            for (const times of high > 5000 * low ? [1] : [1, 2, 5]) found.push(Number((times * unit).toPrecision(1)));
        return found.filter((value) => value >= 0.999 * low && value <= 1.001 * high).map((value) => [value, `${value}`]);
    }
    const step = Math.max(least, nice((high - low) / count)), digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9; n++) found.push(n * step);
    return found.map((value) => [value, value.toFixed(digits)]);
}

// The smallest of 1, 2, 5 times a power of ten that is not below `step`.
function nice(step) {
    const unit = 10 ** Math.floor(Math.log10(step) + 1e-9);
    return unit * [1, 2, 5, 10].find((times) => times * unit >= step - 1e-9 * unit);
}

// The content of `box` as one self-contained SVG, with drawings and texts in their places.
function standalone(box) {
    const frame = box.getBoundingClientRect(), room = 12;
    const [width, height] = [frame.width + 2 * room, frame.height + 2 * room].map(Math.ceil);
    const place = (element) => {
        const at = element.getBoundingClientRect();
        return { x: at.left - frame.left + room, y: at.top - frame.top + room, width: at.width, height: at.height };
    };
    const parts = [...box.querySelectorAll("svg, b, small, i")].map((element) =>
        element.tagName === "svg" ? resolved(element, place(element)) : written(element, place(element))
    );
    const background = getComputedStyle(box).getPropertyValue("--st-background-color") || "white";
    const size = `width="${width}" height="${height}"`;
    const text =
        `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}">` +
        `<rect ${size} fill="${background.trim()}"/>${parts.join("")}</svg>`;
    return { text, width, height };
}

const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity"];
const FONT = ["font-family", "font-size", "font-weight"];

function resolved(svg, place) {
    const copy = svg.cloneNode(true), copies = copy.querySelectorAll("*");
    for (const [name, value] of Object.entries(place)) copy.setAttribute(name, value);
    svg.querySelectorAll("*").forEach((element, i) => {
        if (element.tagName === "clipPath") return;
        const style = getComputedStyle(element), names = element.tagName === "text" ? [...STYLES, ...FONT] : STYLES;
        copies[i].removeAttribute("style");
        for (const name of names) copies[i].style.setProperty(name, style.getPropertyValue(name));
    });
    return new XMLSerializer().serializeToString(copy);
}

function written(element, { x, y, width, height }) {
    const style = getComputedStyle(element);
    const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
    text.textContent = element.textContent;
    const place = { x, y: y + height / 2, "dominant-baseline": "central" };
    // The viewer may not have the font, so fix the width of the text.
    for (const [name, value] of Object.entries({ ...place, textLength: width, lengthAdjust: "spacingAndGlyphs" }))
        text.setAttribute(name, value);
    for (const name of FONT) text.style.setProperty(name, style.getPropertyValue(name));
    text.style.fill = style.color;
    text.style.opacity = style.opacity;
    return new XMLSerializer().serializeToString(text);
}

async function asPng(drawing, width, height) {
    const image = new Image(), address = URL.createObjectURL(drawing);
    image.src = address;
    await image.decode();
    URL.revokeObjectURL(address);
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function save(blob, name) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
