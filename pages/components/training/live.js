// The state of a run in words, with a progress bar, while it trains. It polls the server and passes the data to
// the curves (charts/curves.js); when something else on the page must change, it has the page rerun.

const LIVE = "mnist-studio-live"; // the event for the curves
const LONGEST = 10_000; // ms that a poll may take
let newest = {}; // the last poll: Streamlit may call with older data
const later = (run, poll) =>
    newest.run === run && newest.language === poll.language && newest.at > poll.at ? newest : poll;
// No rerun is requested while one is in progress: a rerun for a part of a page that the visitor is leaving
// would empty the next page. So each change is reported once, and again only after a long time.
const RUNNING = "[data-test-script-state=running], [data-test-script-state=rerunRequested]";
let quiet = 0, told, toldAt = 0;
const isBusy = () => performance.now() < quiet || document.querySelector(RUNNING) !== null;

const ends = new WeakMap(); // Streamlit calls again for new data

export default function (component) {
    const { parentElement } = component;
    ends.get(parentElement)?.();
    ends.set(parentElement, watch(component));
    // Of two calls that come close together, Streamlit may make the earlier one last, and then end that one.
    return () => parentElement.isConnected || ends.get(parentElement)();
}

function watch({ parentElement, data, setTriggerValue }) {
    const bar = `<div class="bar" role="progressbar" ><i></i></div>`;
    const root = place(parentElement, `${bar}<p><b></b><span></span></p>`);
    let every;
    const show = (poll) => {
        every = 1000 * poll.every;
        const [first, ...others] = poll.words;
        root.querySelector(".bar").ariaLabel = first;
        root.querySelector("b").textContent = first;
        root.querySelector("span").textContent = ["", ...others].join(" · ");
        root.querySelector("i").style.width = `${100 * poll.fraction}%`;
        root.querySelector(".bar").setAttribute("aria-valuenow", Math.round(100 * poll.fraction));
    };
    const page = location.pathname, clicked = () => (quiet = performance.now() + 1500);
    const poll = async () => {
        const limit = AbortSignal.timeout(LONGEST); // else an answer that never comes would end the polling
        const answer = await fetch(`live/${data.run}?lang=${data.poll.language}`, { signal: limit });
        const known = answer.ok && answer.headers.get("content-type") === "application/json";
        const found = known ? await answer.json() : null;
        if (ended) return;
        if (found) {
            newest = { run: data.run, ...found };
            show(newest);
            dispatchEvent(new CustomEvent(LIVE, { detail: newest }));
        }
        // Not found: the run is no longer the one to watch, or the app has another base path.
        const change = `${data.run} ${found?.key}`, now = performance.now();
        const isTold = told === change && now - toldAt < (found ? 10_000 : 2000);
        if (found?.key === data.poll.key || location.pathname !== page || isBusy() || isTold) return;
        [told, toldAt] = [change, now];
        setTriggerValue("changed", `${Date.now()}`);
    };
    let timer, ended = false;
    const again = async () => {
        if (!document.hidden) await poll().catch(() => {}); // the server is not reachable: try again later
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

// The component's own element, created once.
function place(parent, inside) {
    const root = parent.querySelector(".live") ?? parent.appendChild(document.createElement("div"));
    if (!root.className) [root.className, root.innerHTML] = ["live", inside];
    return root;
}
