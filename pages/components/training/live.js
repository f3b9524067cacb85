// The state of a run in words, with a bar, while it trains. It fetches what is new and tells the curves
// (charts/curves.js); when something else on the page is to change, it lets the page run again.

const LIVE = "mnist-studio-live"; // the event that tells the curves
let newest = {}; // what was fetched last: what Streamlit calls with may be older
const later = (run, poll) => (newest.run === run && newest.at > poll.at ? newest : poll);
// The page is left alone while it runs again anyway: to run for a part of a page that the visitor is just
// leaving would empty the next one. So it is told once of a change, and again only after a long while.
const RUNNING = "[data-test-script-state=running], [data-test-script-state=rerunRequested]";
let quiet = 0, told, toldAt = 0;
const isBusy = () => performance.now() < quiet || document.querySelector(RUNNING) !== null;

const ends = new WeakMap(); // Streamlit calls anew for new data, and does not end what went on before

export default function (component) {
    ends.get(component.parentElement)?.();
    const end = watch(component);
    ends.set(component.parentElement, end);
    return end;
}

function watch({ parentElement, data, setTriggerValue }) {
    const bar = `<div class="bar" role="progressbar" aria-label="training"><i></i></div>`;
    const root = place(parentElement, `${bar}<p><b></b><span></span></p>`);
    let every;
    const show = (poll) => {
        every = 1000 * poll.every;
        const [first, ...others] = poll.words;
        root.querySelector("b").textContent = first;
        root.querySelector("span").textContent = ["", ...others].join(" · ");
        root.querySelector("i").style.width = `${100 * poll.fraction}%`;
        root.querySelector(".bar").setAttribute("aria-valuenow", Math.round(100 * poll.fraction));
    };
    const page = location.pathname, clicked = () => (quiet = performance.now() + 1500);
    const poll = async () => {
        const answer = await fetch(`live/${data.run}`);
        const known = answer.ok && answer.headers.get("content-type") === "application/json";
        const found = known ? await answer.json() : null;
        if (ended) return;
        if (found) {
            newest = { run: data.run, ...found };
            show(newest);
            dispatchEvent(new CustomEvent(LIVE, { detail: newest }));
        }
        // Nothing found: the run is no longer the one to watch, or the app lies below another address.
        const change = `${data.run} ${found?.key}`, now = performance.now();
        const isTold = told === change && now - toldAt < (found ? 10_000 : 2000);
        if (found?.key === data.poll.key || location.pathname !== page || isBusy() || isTold) return;
        [told, toldAt] = [change, now];
        setTriggerValue("changed", `${Date.now()}`);
    };
    let timer, ended = false;
    const again = async () => {
        if (!document.hidden) await poll().catch(() => {}); // the server is away: the next poll may find it
        if (!ended) timer = setTimeout(again, every);
    };
    show(later(data.run, data.poll));
    timer = setTimeout(again, every);
    addEventListener("click", clicked, true);
    return () => {
        ended = true;
        clearTimeout(timer);
        removeEventListener("click", clicked, true);
    };
}

// The component's own element in its place on the page, made once.
function place(parent, inside) {
    const root = parent.querySelector(".live") ?? parent.appendChild(document.createElement("div"));
    if (!root.className) [root.className, root.innerHTML] = ["live", inside];
    return root;
}
