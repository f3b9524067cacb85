// The canvas's buttons, in the browser; the server calls `mnistStudioHeard` at the end of each run of the page.
//
// A stroke reaches the server 200 ms after the pen has left it, or later: a click before that would undo the
// stroke before. And of two clicks that reach it at once it takes Redo's before Undo's, or one for both. So a
// click is held until the server has heard of all strokes that were drawn and all clicks before it: each run's
// last line tells how many these are. Clear, which who draws one digit after another clicks all the time, is
// done at once by the canvas's own button, so that the next stroke can follow at once: that button goes back to
// what the canvas was given, so only where that was nothing.

if (!window.mnistStudioHeard) {
    const keys = {z: "undo", y: "redo", Delete: "clear"}, held = [];
    const nothing = {strokes: 0, clicks: 0};
    let heard = nothing, before = nothing, sent = {...nothing}, drawing = false, timer;
    let drawn = 0, given = 1;  // strokes that the server knows, and those that the canvas was given by it
    const settle = () => {
        [before, sent] = [heard, {...nothing}];
        if (!held.length) return;
        send("clicks");
        document.querySelector(`.st-key-${held.shift()} button`)?.click();
    };
    const release = () => {
        const isAwaited = (what) => sent[what] && heard[what] - before[what] < sent[what];
        if (!Object.keys(sent).some(isAwaited)) settle();
    };
    const send = (what) => {
        sent[what]++;
        clearTimeout(timer);
        timer = setTimeout(settle, 5000);  // whatever has become of it
    };
    const clear = () => {
        const parts = [...document.querySelectorAll(".st-key-canvas *")].map((part) => part.shadowRoot);
        const canvas = parts.find((inside) => inside?.querySelector(".dc-root"));
        const [tell, reset] = ["Update", "Reset"].map((title) => canvas?.querySelector(`[title^=${title}]`));
        if (!reset || given || held.length || sent.clicks) return false;
        if (sent.strokes) tell.click();  // else Undo would not bring back the last of them
        setTimeout(() => reset.click(), sent.strokes ? 50 : 0);
        if (sent.strokes || drawn) send("clicks");
        return true;
    };
    const hold = (event, name) => {
        if (!event.isTrusted || !document.querySelector(`.st-key-${name} button`)) return;
        event.stopImmediatePropagation();
        event.preventDefault();
        if (name === "clear" && clear()) return;
        held.push(name);
        release();
    };
    window.mnistStudioHeard = (strokes, clicks, ...counts) => {
        heard = {strokes, clicks};
        [drawn, given] = counts;
        release();
    };
    addEventListener("pointerdown", (event) => {
        if (!event.isPrimary || event.button) return;
        drawing = event.composedPath().some((part) => part.classList?.contains("st-key-canvas"));
    }, true);
    addEventListener("pointerup", (event) => {
        if (!drawing || !event.isPrimary) return;
        drawing = false;
        send("strokes");
    }, true);
    addEventListener("click", (event) => {
        const name = Object.values(keys).find((name) => event.target.closest?.(`.st-key-${name}`));
        if (name) hold(event, name);
    }, true);
    addEventListener("keydown", (event) => {
        const name = keys[event.key], meant = name === "clear" || event.ctrlKey || event.metaKey;
        if (name && meant && !event.target.closest?.("input, textarea")) hold(event, name);
    }, true);
}

// The component's own toolbar does again what our buttons do, and lies over the words above it.
setTimeout(() => {
    for (const part of document.querySelectorAll(".st-key-canvas, .st-key-canvas *")) {
        const inside = part.shadowRoot;
        if (inside?.querySelector(".dc-root") && !inside.querySelector(".no-toolbar")) {
            const style = document.createElement("style");
            style.className = "no-toolbar";
            style.textContent = ".dc-toolbar { display: none !important }";
            inside.append(style);
        }
    }
}, 300);
