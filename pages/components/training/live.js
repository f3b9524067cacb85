// A run while it trains: its state in words with a bar, or its curves. The state's part fetches what is new
// and tells the curves' part; when something else on the page is to change, it lets the page run again.

const COLOURS = { training: "var(--st-blue-color)", validation: "var(--st-orange-color)" };
const HEIGHT = 240, LEFT = 46, RIGHT = 10, TOP = 8, BOTTOM = 40;
const FORMATS = { loss: (value) => value.toFixed(4), accuracy: (value) => `${(100 * value).toFixed(2)}%` };
const LOOK = "mnist-studio-look";
let newest = {}; // what was fetched last: what Streamlit calls with may be older
const later = (run, look) => (newest.run === run && newest.at > look.at ? newest : look);
// The page is left alone while it runs again anyway: to run for a part of a page that the visitor is just
// leaving would empty the next one. So it is told once of a change, and again only after a long while.
const RUNNING = "[data-test-script-state=running], [data-test-script-state=rerunRequested]";
let quiet = 0, told, toldAt = 0;
const isBusy = () => performance.now() < quiet || document.querySelector(RUNNING) !== null;

const ends = new WeakMap(); // Streamlit calls anew for new data, and does not end what went on before

export default function (component) {
    ends.get(component.parentElement)?.();
    const end = component.data.part === "state" ? state(component) : curves(component);
    ends.set(component.parentElement, end);
    return end;
}

function state({ parentElement, data, setTriggerValue }) {
    const bar = `<div class="bar" role="progressbar" aria-label="training"><i></i></div>`;
    const root = place(parentElement, `<p><b></b><span></span></p>${bar}`);
    let every;
    const show = (look) => {
        every = 1000 * look.every;
        const [first, ...others] = look.words;
        root.querySelector("b").textContent = first;
        root.querySelector("span").textContent = ["", ...others].join(" · ");
        root.querySelector("i").style.width = `${100 * look.fraction}%`;
        root.querySelector(".bar").setAttribute("aria-valuenow", Math.round(100 * look.fraction));
    };
    const page = location.pathname, clicked = () => (quiet = performance.now() + 1500);
    const look = async () => {
        const answer = await fetch(`live/${data.run}`);
        const known = answer.ok && answer.headers.get("content-type") === "application/json";
        const found = known ? await answer.json() : null;
        if (ended) return;
        if (found) {
            newest = { run: data.run, ...found };
            show(newest);
            dispatchEvent(new Event(LOOK));
        }
        // Nothing found: the run is no longer the one to watch, or the app lies below another address.
        const change = `${data.run} ${found?.key}`, now = performance.now();
        const isTold = told === change && now - toldAt < (found ? 10_000 : 2000);
        if (found?.key === data.look.key || location.pathname !== page || isBusy() || isTold) return;
        [told, toldAt] = [change, now];
        setTriggerValue("changed", `${Date.now()}`);
    };
    let timer, ended = false;
    const again = async () => {
        if (!document.hidden) await look().catch(() => {}); // the server is away: the next look may find it
        if (!ended) timer = setTimeout(again, every);
    };
    show(later(data.run, data.look));
    timer = setTimeout(again, every);
    addEventListener("click", clicked, true);
    return () => {
        ended = true;
        clearTimeout(timer);
        removeEventListener("click", clicked, true);
    };
}

function curves({ parentElement, data }) {
    const root = place(parentElement, `<div class="chart"></div><div class="chart"></div>`);
    const charts = ["loss", "accuracy"].map((measure, i) => new Chart(root.children[i], measure, data));
    const show = () => charts.forEach((chart) => chart.show(later(data.run, data.look)));
    const fitted = new ResizeObserver(() => charts.forEach((chart) => chart.fit()));
    charts.forEach((chart) => fitted.observe(chart.box));
    addEventListener(LOOK, show);
    show();
    return () => {
        removeEventListener(LOOK, show);
        fitted.disconnect();
    };
}

// The component's own element in its place on the page, made once.
function place(parent, inside) {
    const root = parent.querySelector(".live") ?? parent.appendChild(document.createElement("div"));
    if (!root.className) [root.className, root.innerHTML] = ["live", inside];
    return root;
}

class Chart {
    constructor(box, measure, { epochs, published, names }) {
        Object.assign(this, { box, measure, epochs, published });
        const parts = `<b>${names[measure]}</b><svg role="img"></svg><span class="tip"></span>`;
        if (!box.firstChild) box.innerHTML = parts;
        [, this.svg, this.tip] = box.children;
        this.svg.setAttribute("aria-label", `${names[measure]} against the epoch`);
        this.svg.onpointermove = (event) => this.point(event);
        this.svg.onpointerleave = () => (this.tip.textContent = "");
    }

    show(look) {
        this.look = look;
        const frame = JSON.stringify([look.limits[this.measure], this.svg.clientWidth]);
        if (frame !== this.frame) this.drawFrame(look.limits[this.measure]);
        this.frame = frame;
        for (const [name, points] of Object.entries(look.series)) this.drawLine(name, points);
    }

    fit() {
        if (this.look) this.show(this.look);
    }

    x = (epoch) => LEFT + (epoch / this.epochs) * (this.svg.clientWidth - LEFT - RIGHT);
    y = (value) => TOP + ((this.high - value) / (this.high - this.low)) * (HEIGHT - TOP - BOTTOM);
    value = (point) => point[this.measure === "loss" ? 1 : 2];

    drawFrame([low, high]) {
        [this.low, this.high] = [low, high];
        const width = this.svg.clientWidth, bottom = HEIGHT - BOTTOM, right = width - RIGHT, parts = [];
        const text = (x, y, anchor, words) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
        const step = nice((high - low) / 5), digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9; n++) {
            const y = this.y(n * step);
            parts.push(`<line x1="${LEFT}" x2="${right}" y1="${y}" y2="${y}"/>`);
            parts.push(text(LEFT - 6, y + 4, "end", (n * step).toFixed(digits)));
        }
        const each = Math.max(1, nice(this.epochs / 8));
        for (let epoch = 0; epoch <= this.epochs; epoch += each)
            parts.push(text(this.x(epoch), bottom + 16, "middle", epoch));
        parts.push(text((LEFT + right) / 2, bottom + 34, "middle", "epoch"));
        if (this.published && this.measure === "accuracy") {
            const { accuracy, figures } = this.published, y = this.y(accuracy);
            parts.push(`<line class="mark" x1="${LEFT}" x2="${right}" y1="${y}" y2="${y}"/>`);
            parts.push(text(right, y + 14, "end", `published ${accuracy.toFixed(4)}`));
            for (const [epoch, value] of figures)
                parts.push(`<path class="mark" d="M${this.x(epoch)},${this.y(value) - 5}l5,5l-5,5l-5,-5z"/>`);
        }
        const clip = `clip-${this.measure}`;
        this.svg.innerHTML =
            `<clipPath id="${clip}"><rect x="${LEFT}" y="${TOP - 6}" width="${Math.max(0, right - LEFT + 6)}"` +
            ` height="${bottom - TOP + 6}"/></clipPath>${parts.join("")}` +
            Object.keys(COLOURS).map((name) => `<path class="${name}" clip-path="url(#${clip})"/>`).join("");
    }

    drawLine(name, points) {
        const places = points.map((point) => `${this.x(point[0]).toFixed(1)},${this.y(this.value(point)).toFixed(1)}`);
        const dots = name === "validation" ? places.map((at) => `M${at}m-3,0a3,3 0 1 0 6,0a3,3 0 1 0 -6,0`) : [];
        const path = this.svg.querySelector(`.${name}`);
        const line = places.length ? `M${places.join("L")}h0` : ""; // h0: of one point alone a dot is seen
        path.setAttribute("d", line + dots.join(""));
        path.style.stroke = COLOURS[name];
    }

    // What the nearest point of a line says.
    point(event) {
        const at = event.clientX - this.svg.getBoundingClientRect().left;
        const height = event.clientY - this.svg.getBoundingClientRect().top;
        let best, least = Infinity;
        for (const [name, points] of Object.entries(this.look.series))
            for (const found of points) {
                const away = Math.hypot(this.x(found[0]) - at, (this.y(this.value(found)) - height) / 4);
                if (away < least) [best, least] = [[name, found], away];
            }
        const [name, found] = best ?? [];
        this.tip.textContent = best
            ? `${name}, epoch ${found[0].toFixed(2)}: ${FORMATS[this.measure](this.value(found))}` : "";
    }
}

// The nearest of 1, 2, 5 times a power of ten that is not smaller.
function nice(step) {
    const unit = 10 ** Math.floor(Math.log10(step) + 1e-9);
    return unit * [1, 2, 5, 10].find((times) => times * unit >= step - 1e-9 * unit);
}
