// How the chosen value is worked out, in its real numbers. These functions belong to network.js.

const CELL = 46; // pixels: the side of a number in a grid

function showSum(box, data, layers, choose, reset) {
    const { sum, words } = data, part = (kind, ...inside) => {
        const made = element("div", kind);
        made.append(...inside.filter(Boolean));
        return made;
    };
    const head = part("head", element("b", "title", sum.title));
    if (!sum.isDefault) {
        const back = element("button", "", words.back);
        back.onclick = reset;
        head.append(back);
    }
    const texts = part("texts", ...sum.texts.map((text) => element("p", "", text)));
    const layer = layers.find((of) => of.number === sum.chosen.layer);
    const plate = layer?.shape.length === 3 && layer.number > 0 ? enlarged(layer, sum.chosen.at, choose, words) : null;
    const numbers = sum.patch ? patch(sum, data) : null;
    const lines = sum.lines.length ? equation(sum.lines) : null;
    const tables = [
        sum.map ? evidence(sum.map, layers[0], words) : null,
        sum.contributions?.length ? contributions(sum, words, choose) : null,
        sum.softmax ? softmax(sum.softmax) : null,
    ];
    const [map, ...others] = tables;
    box.replaceChildren(head, texts, part("work", numbers, part("column", map, lines, plate), ...others));
}

// The inputs, the weights and their products as numbers in coloured cells; with many channels, one of them.
function patch({ patch: of }, { words }) {
    const box = element("div", "patch");
    const draw = (channel) => {
        const at = (name, y, x) => of[name][y][x][channel];
        const grids = [[words.inputs, "inputs", colourOfOutput]];
        if (of.weights) grids.push([words.weights, "weights", colourOfWeight], [words.products, "products", colourOfWeight]);
        const shown = grids.map(([title, name, colour], i) => {
            const figure = element("figure");
            const read = name === "products" ? (y, x) => at("inputs", y, x) * at("weights", y, x) : (y, x) => at(name, y, x);
            figure.append(element("figcaption", "", title), grid(of.height, of.width, read, colour, of.most[name], of.winner));
            const term = element("div", "term");
            if (i) term.append(element("span", "sign", ["", "×", "="][i]));
            term.append(figure);
            return term;
        });
        box.querySelector(".grids").replaceChildren(...shown);
        for (const button of box.querySelectorAll(".channels button")) {
            button.setAttribute("aria-pressed", +button.value === channel);
        }
    };
    if (of.channels.length > 1) {
        const list = element("div", "channels");
        list.append(element("p", "", words.channels));
        const most = Math.max(...of.channels.map((channel) => Math.abs(channel.sum)), 1e-9);
        for (const { number, name, sum: total, text } of of.channels) {
            const button = element("button");
            button.value = number;
            button.append(element("span", "", name), bar(total / most), element("span", "value", text));
            button.onclick = () => draw(number);
            list.append(button);
        }
        if (of.rest) list.append(element("p", "rest", of.rest));
        box.append(list);
    }
    box.append(element("div", "grids"));
    draw(of.channels[0]?.number ?? 0);
    return box;
}

function grid(height, width, read, colour, most, winner) {
    const side = Math.min(CELL, Math.floor(230 / width)), hasText = side >= 30;
    const table = element("div", "grid");
    table.style.gridTemplateColumns = `repeat(${width}, ${side}px)`;
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const value = read(y, x), [red, green, blue] = colour(value / (most || 1));
            const cell = element("span", "", hasText ? short(value) : "");
            cell.title = short(value, 4);
            cell.style.cssText = `height: ${side}px; background: rgb(${red} ${green} ${blue})`;
            cell.style.color = luminance([red, green, blue]) > 0.179 ? "#000" : "#fff";
            if (winner && winner[0] === y && winner[1] === x) cell.className = "winner";
            table.append(cell);
        }
    }
    return table;
}

// As WCAG defines it, 0..1; at 0.179 black and white stand out equally.
function luminance(colour) {
    const [red, green, blue] = colour.map((value) => (value / 255 > 0.04 ? ((value / 255 + 0.055) / 1.055) ** 2.4 : value / 3294.6));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function equation(lines) {
    const table = element("table", "equation");
    for (const [label, value] of lines) {
        const row = table.insertRow();
        row.append(element("th", "", label), element("td", "", value));
    }
    return table;
}

// The chosen channel, large enough to click one value of it.
function enlarged(layer, at, choose, words) {
    const [height, width] = layer.shape, scale = Math.max(6, Math.floor(208 / width)), figure = element("figure", "enlarged");
    const canvas = Object.assign(document.createElement("canvas"), { width: width * scale, height: height * scale });
    const pen = canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.drawImage(plane(layer, at[2]), 0, 0, canvas.width, canvas.height);
    [pen.strokeStyle, pen.lineWidth] = [ACCENT, 2];
    pen.strokeRect(at[1] * scale + 1, at[0] * scale + 1, scale - 2, scale - 2);
    canvas.onclick = (event) => choose(layer.number, [Math.floor(event.offsetY / scale), Math.floor(event.offsetX / scale), at[2]]);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", words.plane);
    figure.append(element("figcaption", "", words.plane), canvas);
    return figure;
}

// Where on the image the contributions come from, all channels added up.
function evidence({ values, most, first, step }, image, words) {
    const scale = 8, canvas = Object.assign(document.createElement("canvas"), { width: 28 * scale, height: 28 * scale });
    const pen = canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.filter = "grayscale(1) brightness(0.8)";
    pen.drawImage(plane(image, 0), 0, 0, canvas.width, canvas.height);
    pen.filter = "none";
    values.forEach((row, y) => row.forEach((value, x) => {
        const [red, green, blue] = (value >= 0 ? FOR : AGAINST).at(-1), strength = Math.abs(value) / (most || 1);
        pen.fillStyle = `rgb(${red} ${green} ${blue} / ${0.8 * strength})`;
        const [left, top] = [x, y].map((index) => (first + (index - 0.5) * step) * scale);
        pen.fillRect(left, top, step * scale, step * scale);
    }));
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", words.evidence);
    const figure = element("figure", "enlarged evidence");
    figure.append(element("figcaption", "", words.evidence), canvas);
    return figure;
}

function contributions(sum, words, choose) {
    const table = element("table", "contributions"), head = table.createTHead().insertRow();
    for (const title of words.columns) head.append(element("th", "", title));
    const most = Math.max(...sum.contributions.map((part) => Math.abs(part.product)), 1e-9), body = table.createTBody();
    for (const part of sum.contributions) {
        const row = body.insertRow(), name = row.insertCell();
        if (part.layer === 0) name.textContent = part.name;
        else {
            const button = element("button", "", part.name);
            button.onclick = () => choose(part.layer, part.at);
            name.append(button);
        }
        for (const text of part.texts) row.append(element("td", "value", text));
        row.insertCell().append(bar(part.product / most));
    }
    if (sum.rest) {
        const row = body.insertRow(), name = element("td", "", sum.rest[0]);
        name.colSpan = 3;
        row.append(name, element("td", "value", sum.rest[1]), element("td"));
    }
    return table;
}

function softmax({ columns, rows, chosen }) {
    const table = element("table", "softmax"), head = table.createTHead().insertRow();
    for (const title of columns) head.append(element("th", "", title));
    const body = table.createTBody();
    rows.forEach((texts, digit) => {
        const row = body.insertRow();
        if (digit === chosen) row.className = "chosen";
        texts.forEach((text, i) => row.append(element(i ? "td" : "th", i ? "value" : "", text)));
    });
    return table;
}

function bar(share) {
    const made = element("i", share >= 0 ? "bar for" : "bar against");
    made.style.setProperty("--share", Math.min(1, Math.abs(share)));
    return made;
}

function short(value, digits = 2) {
    const text = Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : digits);
    return Number(text) === 0 ? "0" : text.replace("-", "−");
}
