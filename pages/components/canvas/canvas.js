// The canvas, in the browser: strokes and clicks reach the server soon and in order. At the end of each run of
// the page the server calls `mnistStudioHeard`.
//
// The canvas waits 200 ms before it tells the server of a stroke; its own button, which its toolbar has for it,
// tells at once. Even so a click could reach the server before the stroke, and would undo the stroke before. And
// of two clicks that reach it at once it takes Redo's before Undo's, or one for both. So a click is held until
// the server has heard of all strokes that were drawn and all clicks before it. Clear, which who draws one digit
// after another clicks all the time, is done at once by the canvas's own button, so that the next stroke can
// follow at once: that button goes back to what the canvas was given, so only where that was nothing.

if (!window.mnistStudioHeard) {
    const keys = {z: "undo", y: "redo", Delete: "clear"}, held = [];
    // By the page's last run: strokes on the canvas, clicks so far, and strokes that the server gave the canvas.
    let told = {drawn: 0, clicks: 0, given: 1};
    const awaited = {}, timers = {};  // what a later run is to tell: at least so many strokes, so many clicks
    let drawing = false, reset = null;
    const expect = (what, number, milliseconds) => {
        awaited[what] = number;
        clearTimeout(timers[what]);
        timers[what] = setTimeout(() => {  // whatever has become of it
            delete awaited[what];
            release();
        }, milliseconds);
    };
    const release = () => {
        if (!isThere()) held.length = 0;  // another page
        if (!held.length || Object.keys(awaited).length) return;
        const next = document.querySelector(`.st-key-${held[0]} button`);
        if (!next) {  // for a moment, where a run of the whole page is followed by one of this part at once
            setTimeout(release, 50);
            return;
        }
        held.shift();
        expect("clicks", told.clicks + 1, 5000);
        next.click();
    };
    const isThere = () => document.querySelector(".st-key-canvas");
    const component = () => {
        const parts = [...document.querySelectorAll(".st-key-canvas, .st-key-canvas *")];
        return parts.map((part) => part.shadowRoot).find((inside) => inside?.querySelector(".dc-root"));
    };
    const button = (title) => component()?.querySelector(`[title^=${title}]`);
    const hideToolbar = () => {  // it does again what our buttons do, and lies over the words above it
        const inside = component();
        if (!inside || inside.querySelector(".no-toolbar")) return;
        const style = document.createElement("style");
        style.className = "no-toolbar";
        style.textContent = ".dc-toolbar { display: none !important }";
        inside.append(style);
    };
    const clear = () => {
        const own = button("Reset");
        if (!own || told.given || held.length || awaited.clicks) return false;
        reset = () => {
            reset = null;
            if (told.drawn) expect("clicks", told.clicks + 1, 1000);
            delete awaited.drawn;
            told.drawn = 0;
            own.click();
        };
        // The server takes what comes at once for one: Undo would then not bring back the last strokes.
        if (awaited.drawn) setTimeout(() => reset?.(), 150);
        else reset();
        return true;
    };
    const hold = (event, name) => {
        if (!event.isTrusted || !isThere()) return;
        event.stopImmediatePropagation();
        event.preventDefault();
        reset?.();
        if (name === "clear" && clear()) return;
        held.push(name);
        release();
    };
    window.mnistStudioHeard = (drawn, clicks, given) => {
        told = {drawn, clicks, given};
        for (const what in awaited) if (told[what] >= awaited[what]) delete awaited[what];
        if (!awaited.drawn) reset?.();
        release();
        setTimeout(hideToolbar, 300);  // when the canvas is there
    };
    addEventListener("pointerdown", (event) => {
        if (!event.isPrimary || event.button) return;
        drawing = event.composedPath().some((part) => part.classList?.contains("st-key-canvas"));
        if (drawing) reset?.();
    }, true);
    addEventListener("pointerup", (event) => {
        if (!drawing || !event.isPrimary) return;
        drawing = false;
        expect("drawn", (awaited.drawn ?? told.drawn) + 1, 1000);
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
