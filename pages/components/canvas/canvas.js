// The canvas, in the browser, which owns the strokes and what was undone. The server is told of each change and
// only reads it; it gives the canvas a drawing where another begins, with another `id`.
//
// The package's own front end draws. It looks at what it is given only where that differs from the time before.

const keys = {z: "undo", y: "redo", Delete: "clear"};
const actions = {  // Undo brings back at once what Clear took away, and Redo one by one
    undo: ({drawn, undone, cleared}) => drawn.length
        ? {drawn: drawn.slice(0, -1), undone: [...undone, drawn.at(-1)], cleared: []}
        : {drawn: cleared, undone: undone.slice(0, undone.length - cleared.length), cleared: []},
    redo: ({drawn, undone}) =>
        ({drawn: [...drawn, ...undone.slice(-1)], undone: undone.slice(0, -1), cleared: []}),
    clear: ({drawn, undone}) => ({drawn: [], undone: [...undone, ...[...drawn].reverse()], cleared: drawn}),
};
// By the id of the drawing. Who leaves the page while the server is busy may leave before it has heard of the last
// stroke: when the page comes back, it is here.
const histories = {};
let canvas = null, id = null, given = null, timesGiven = 0, isPenDown = false;
const waiting = [];  // for the pen to be lifted: a stroke would be lost with the brush that draws it

const give = () => {
    given = {objects: histories[id].drawn, background: canvas.data.front.backgroundColor, edit: ++timesGiven};
};
const show = () => {
    const data = {...canvas.data.front, initialDrawing: given};
    canvas.remove = canvas.draw({data, parentElement: canvas.parentElement, setStateValue: hear});
};
const tell = () => canvas.setStateValue("drawing", {id, objects: histories[id].drawn});
const hear = (what, value) => {
    if (what !== "drawing" || value.raw.objects.length <= histories[id].drawn.length) return;
    histories[id] = {drawn: value.raw.objects, undone: [], cleared: []};  // a new stroke
    tell();
};
const look = () => {  // by itself the front end tells of a stroke after 200 ms; this button's answer comes at once
    canvas?.parentElement.querySelector("[title^=Update]")?.click();
};
const lift = () => {
    isPenDown = false;
    look();
    waiting.splice(0).forEach((task) => task());
};
const whenLifted = (task) => {
    waiting.push(task);
    if (!isPenDown) lift();
};
const act = (event, name) => {
    if (!canvas) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    whenLifted(() => {
        const next = actions[name](histories[id]);
        if (!canvas || next.drawn.length === histories[id].drawn.length) return;
        histories[id] = next;
        give();
        show();
        tell();
    });
};

for (const name of ["mousedown", "touchstart"]) addEventListener(name, (event) => {
    isPenDown ||= !event.button && event.composedPath().includes(canvas?.parentElement);
}, true);
// Here the front end, which listens at the document, has finished the stroke.
for (const name of ["mouseup", "touchend", "touchcancel"]) addEventListener(name, (event) => {
    if (isPenDown && !event.touches?.length) lift();
});
addEventListener("click", (event) => {
    const name = Object.values(keys).find((name) => event.target.closest?.(`.st-key-${name}`));
    if (name) act(event, name);
}, true);
addEventListener("keydown", (event) => {
    const name = keys[event.key], isMeant = name === "clear" || event.ctrlKey || event.metaKey;
    if (name && isMeant && !event.target.closest?.("input, textarea")) act(event, name);
}, true);

export default async function (component) {
    const {data: {begun, address}, parentElement} = component;
    const {default: draw} = await import(new URL(address, location.origin));
    document.body.classList.add("canvas-is-there");  // from now on the buttons work
    let isGone = false;
    whenLifted(() => {
        if (isGone) return;
        const isBegun = id !== begun.id || parentElement !== canvas?.parentElement;
        canvas = {...component, draw};
        id = begun.id;
        histories[id] ??= {drawn: begun.objects, undone: [], cleared: []};
        if (isBegun) give();
        show();
        if (isBegun && JSON.stringify(begun.objects) !== JSON.stringify(histories[id].drawn)) tell();
    });
    return () => {
        isGone = true;
        if (canvas?.parentElement !== parentElement) return;
        canvas.remove();
        canvas = null;
        lift();
    };
}
