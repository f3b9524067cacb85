// The canvas, in the browser: strokes and clicks reach the server soon and in order. At the end of each run of
// the page the server calls `mnistStudioHeard`.
//
// The canvas waits 200 ms before it tells the server of a stroke; its own button, which its toolbar has for it,
// tells at once. Even so a click could reach the server before the stroke, and would undo the stroke before. And
// of two clicks that reach it at once it takes Redo's before Undo's, or one for both. So a click is held until
// the server has heard of all strokes that were drawn and all clicks before it: each run's last line tells how
// many these are. Clear, which who draws one digit after another clicks all the time, is done at once by the
// canvas's own button, so that the next stroke can follow at once: that button goes back to what the canvas was
// given, so only where that was nothing.

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
    const button = (title) => {
        const parts = [...document.querySelectorAll(".st-key-canvas *")].map((part) => part.shadowRoot);
        return parts.find((inside) => inside?.querySelector(".dc-root"))?.querySelector(`[title^=${title}]`);
    };
    const clear = () => {
        const reset = button("Reset");
        if (!reset || given || held.length || sent.clicks) return false;
        // The server takes what comes at once for one: Undo would then not bring back the last stroke.
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
        setTimeout(() => button("Update")?.click());  // after the canvas has heard of it itself
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
