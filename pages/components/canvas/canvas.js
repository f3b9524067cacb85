// The canvas in the browser. The browser owns the strokes and their history, and tells the server about each
// change. It keeps the latest drawing for a day, so that a reload loses nothing, even while the server is busy.
//
// The front end of streamlit-drawable-canvas does the drawing.

const KEPT = "mnist-studio-drawing", DAY = 24 * 60 * 60 * 1000;
const PAUSE = 8000;  // ms without a stroke, after which the page is told of what it was not told at once
const LEAVING = 3000;  // ms after a click on a link, in which the other page should come
const keys = {z: "undo", y: "redo", Delete: "clear"};
const actions = {  // how many strokes are shown next
    undo: ({shown, cleared}) => shown ? shown - 1 : cleared,
    redo: ({shown, strokes}) => Math.min(shown + 1, strokes.length),
    clear: () => 0,
};
// The first `shown` strokes are on the canvas, the others are undone. The last Clear hid `cleared` strokes. An
// example that was put on the canvas keeps the drawing `before` it.
const allOf = (strokes) => ({strokes, shown: strokes.length, cleared: 0});
const drawings = {};  // by the number of the image behind
let canvas = null, behind = null, given = null, timesGiven = 0, isPenDown = false, isSending = false, shownExample;
// The number of the drawing, the timer for telling the page of it, and the answer to it that came without the page.
let number = 0, later = 0, last = null;
let leftAt = 0;  // when a link to another page was clicked
let toRender = null;  // whether with another drawing; null: nothing is to be rendered
const waiting = [];  // tasks that would disturb the stroke under the pen
const early = [];  // buttons that were clicked before the canvas was there

const tryTo = (task) => {  // the browser's storage may be blocked or full
    try {
        return task();
    } catch {
        return null;
    }
};
const keep = () => tryTo(() => {
    localStorage.setItem(KEPT, JSON.stringify({behind, at: Date.now(), drawing: drawings[behind]}));
});
const kept = () => {
    const last = tryTo(() => JSON.parse(localStorage.getItem(KEPT)));
    return last?.behind === behind && Date.now() - last.at < DAY ? last.drawing : null;
};
const shownStrokes = () => drawings[behind].strokes.slice(0, drawings[behind].shown);
// Streamlit sends this from a timer of 0 ms. Timers of 0 ms run in order, so ours runs after it.
const whenSent = (task) => setTimeout(task, 0);
const stopWaiting = () => {
    clearTimeout(later);
    later = 0;
};
const tellPage = () => {
    stopWaiting();
    if (!canvas?.parentElement.isConnected) return;
    if (Date.now() - leftAt < LEAVING) {
        later = setTimeout(tellPage, LEAVING);
        return;
    }
    canvas.setStateValue("drawing", {behind, objects: shownStrokes(), number});
    isSending = true;
    whenSent(() => { isSending = false; });
};
// With a ticket the server has no time to run the page for each stroke: only the answer is asked for.
const ask = async (ticket) => {
    const mine = number;
    later = setTimeout(tellPage, PAUSE);
    document.body.classList.toggle("reasons-wait", shownStrokes().length > 0);
    let reply = null;
    try {
        const body = JSON.stringify({objects: shownStrokes(), number});
        reply = await (await fetch(`answers/${ticket}`, {method: "POST", body})).json();
    } catch {}
    if (mine !== number) return;
    last = canvas?.data.ticket === ticket ? reply : null;
    settle();
    if (later && !(last?.isFull && parts().every(isOfNow))) tellPage();
};
const tell = (isKnown = false) => {
    stopWaiting();
    number = Math.max(number + 1, Date.now());  // also after a reload
    last = null;
    if (canvas.data.ticket && behind === null && !isKnown) ask(canvas.data.ticket);
    else tellPage();
};
// The answer and the bars, with the number of the drawing that they belong to.
const parts = () => [...document.querySelectorAll(".st-key-ink [data-number]")];
const isOfNow = (part) => part.dataset.number === `${number}`;
const replace = (part, html) => {
    const made = document.createRange().createContextualFragment(html).firstElementChild;
    made.isOurs = true;
    part.replaceWith(made);
};
// The page may still answer an earlier drawing: the answer to the last one stays until the page has it, too.
const settle = () => {
    const [answer, bars] = parts();
    if (!bars) return;
    if (isOfNow(answer) && !answer.isOurs) {
        last = null;
        document.body.classList.remove("reasons-wait");
    } else if (last && answer.querySelector(".answer ~ .input")) {
        if (!isOfNow(answer)) replace(answer, last.answer);
        if (!isOfNow(bars)) replace(bars, last.bars);
    }
};
const change = (drawing, isKnown = false) => {
    drawings[behind] = drawing;
    tell(isKnown);
    keep();
    const url = new URL(location);
    if (!url.searchParams.has("drawing")) return;
    url.searchParams.delete("drawing");  // a reload should bring this drawing, not the linked one
    history.replaceState(history.state, "", url);
};
const hear = (what, value) => {
    const strokes = what === "drawing" ? value.raw.objects : [];
    const {shown, before} = drawings[behind];
    if (strokes.length > shown) change({...allOf(strokes), before});
};
// The tool that the visitor has chosen. The server may not have heard of it yet.
const colour = ({front, tools}) => {
    const buttons = [...document.querySelectorAll(".st-key-tool [role=radio]")];
    return tools[buttons.findIndex((button) => button.ariaChecked === "true")] ?? front.strokeColor;
};
// Once, after all that happens now: of two drawings that the front end loads at once, the longer one stays.
const render = (isOther) => {
    if (toRender === null) queueMicrotask(show);
    toRender ||= isOther;
};
const show = () => {
    const isOther = toRender;
    toRender = null;
    if (!canvas) return;
    const {front} = canvas.data;
    // The front end loads a drawing only if it differs from the one it was given before.
    if (isOther) given = {objects: shownStrokes(), background: front.backgroundColor, edit: ++timesGiven};
    const data = {...front, strokeColor: colour(canvas.data), initialDrawing: given};
    canvas.remove = canvas.draw({data, parentElement: canvas.parentElement, setStateValue: hear});
    takeKeys(canvas.parentElement.querySelector(".canvas-root"), canvas.data.words);
};
const lift = () => {
    isPenDown = false;
    canvas?.parentElement.querySelector("[title^=Update]")?.click();  // makes the front end report
    waiting.splice(0).forEach((task) => task());
};
const whenLifted = (task) => {
    waiting.push(task);
    if (!isPenDown) lift();
};
const step = (name) => {
    const drawing = drawings[behind], shown = actions[name](drawing);
    if (name === "undo" && !drawing.shown && !shown && drawing.before) change(drawing.before);
    else if (shown === drawing.shown) return;
    else change({...drawing, shown, cleared: name === "clear" ? drawing.shown : 0});
    render(true);
};
const act = (name) => whenLifted(() => canvas && step(name));
const take = (event) => {
    event.stopImmediatePropagation();
    event.preventDefault();
};

for (const name of ["mousedown", "touchstart"]) addEventListener(name, (event) => {
    isPenDown ||= !event.button && event.composedPath().includes(canvas?.parentElement);
}, true);
// By now the front end, which listens at the document, has finished the stroke.
for (const name of ["mouseup", "touchend", "touchcancel"]) addEventListener(name, (event) => {
    if (isPenDown && !event.touches?.length) lift();
});
addEventListener("click", (event) => {
    const name = Object.values(keys).find((name) => event.target.closest?.(`.st-key-${name}`));
    if (!name) return;
    take(event);
    if (canvas) act(name);
    else early.push(name);
}, true);
new MutationObserver((changes) => {
    if (changes.some(({target}) => target.closest(".st-key-tool"))) whenLifted(() => canvas && render(false));
}).observe(document, {subtree: true, attributeFilter: ["aria-checked"]});
new MutationObserver(settle).observe(document.body, {subtree: true, childList: true});
// Whatever the visitor turns to next should find the page informed; the canvas and its buttons go on without it.
for (const name of ["pointerdown", "keydown", "click"]) addEventListener(name, (event) => {
    if (!later || !canvas || event.ctrlKey || event.metaKey || event.key === "Delete") return;
    const isOurs = event.target.closest?.(".st-key-undo, .st-key-redo, .st-key-clear");
    if (!isOurs && !event.composedPath().includes(canvas.parentElement)) tellPage();
}, true);
// Streamlit would send a drawing and what is clicked meanwhile together, and rerun only the part of the drawing.
// A drawing that is sent after the click on a link to another page could leave that page blank.
addEventListener("click", (event) => {
    const clicked = event.target.closest?.("a, button, label, input");
    if (!clicked) return;
    if (isSending) {
        take(event);
        whenSent(() => clicked.click());
    } else if (canvas && clicked.matches("a:not([target=_blank])")) {
        if (!(event.ctrlKey || event.metaKey || event.shiftKey)) leftAt = Date.now();
    }
}, true);
addEventListener("keydown", (event) => {
    const name = keys[event.key], isMeant = name === "clear" || event.ctrlKey || event.metaKey;
    if (!canvas || !name || !isMeant || event.target.closest?.("input, textarea")) return;
    take(event);
    act(name);
}, true);

export default async function (component) {
    const {data: [data], parentElement} = component, {address, begun} = data;
    const {default: draw} = await import(new URL(address, location.origin));
    document.body.classList.add("canvas-is-there");  // from now on the buttons work
    let isGone = false;
    whenLifted(() => {
        if (isGone) return;
        const {example} = data;
        let isOther = behind !== begun.behind || parentElement !== canvas?.parentElement;
        const isOtherTicket = canvas?.data.ticket !== data.ticket;
        canvas = {...component, data, draw};
        if (later && isOtherTicket) tellPage();  // another model was chosen, or another language
        behind = begun.behind;
        drawings[behind] ??= (!begun.isLinked && kept()) || allOf(begun.objects);
        if (behind === null && example && example.number !== shownExample) {
            shownExample = example.number;
            isOther = true;
            change({...allOf(example.objects), before: drawings[behind]}, true);  // the page has run for it
        }
        render(isOther);
        if (isOther && JSON.stringify(begun.objects) !== JSON.stringify(shownStrokes())) tell();
        early.splice(0).forEach(step);
    });
    return () => {
        if (parentElement.isConnected) return;  // Streamlit ends an earlier call after the next one
        isGone = true;
        early.length = 0;
        if (canvas?.parentElement !== parentElement) return;
        stopWaiting();
        document.body.classList.remove("reasons-wait");
        last = null;
        leftAt = 0;
        canvas.remove?.();
        canvas = null;
        lift();
    };
}
