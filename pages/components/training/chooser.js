// What can be trained: groups of radio buttons, or, where the screen is narrow, a select box (chooser.css).

const known = new WeakMap(); // the list that an element shows: Streamlit calls again for new data

export default function ({ parentElement, data, setTriggerValue }) {
    const shown = JSON.stringify([data.label, data.groups]);
    if (known.get(parentElement) !== shown) {
        parentElement.querySelector(".chooser")?.remove();
        parentElement.append(list(data, (name) => setTriggerValue("chosen", name)));
        known.set(parentElement, shown);
    }
    mark(parentElement, data.chosen);
}

function list({ label, groups }, choose) {
    const root = made("div", "chooser");
    const select = made("select", "narrow");
    select.ariaLabel = label;
    select.onchange = () => choose(select.value);
    const wide = made("div", "wide");
    for (const { title, entries } of groups) {
        const set = wide.appendChild(made("fieldset", ""));
        set.append(made("legend", "", title), ...entries.map((entry) => card(entry, choose)));
        set.style.setProperty("--count", entries.length);
        const group = select.appendChild(document.createElement("optgroup"));
        group.label = title;
        group.append(...entries.map(option));
    }
    root.append(wide, select);
    return root;
}

function card({ name, title, shows, time, off }, choose) {
    const radio = made("input", "");
    Object.assign(radio, { type: "radio", name: "recipe", value: name, disabled: Boolean(off), ariaLabel: title });
    radio.onchange = () => choose(name);
    const label = made("label", "");
    label.append(radio, made("b", "", title), made("span", "shows", shows), made("span", "time", time));
    return label;
}

function option({ name, title, time, off }) {
    const made = new Option(time ? `${title} · ${time}` : title, name);
    made.disabled = Boolean(off);
    return made;
}

function mark(parent, chosen) {
    for (const radio of parent.querySelectorAll("input")) radio.checked = radio.value === chosen;
    parent.querySelector("select").value = chosen;
}

function made(kind, name, text = "") {
    return Object.assign(document.createElement(kind), { className: name, textContent: text });
}
