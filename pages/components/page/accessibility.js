// For screen readers. Translates the names that Streamlit gives to its own buttons: `words` maps each English name to
// that in the visitor's language; a {} stands for a part that stays. And has each new text in a "data-says" read aloud,
// once: the element that is read aloud must stay, while Streamlit replaces those that it draws.
((words) => {
    const NAMELESS = "[role=alertdialog], [data-testid=stSkipToContent]"; // the first are toasts
    const LOGO = "img[data-testid$=Logo]";
    window.mnistStudioNames?.disconnect();
    const spoken = document.querySelector("body > .spoken") ?? document.body.appendChild(document.createElement("div"));
    Object.assign(spoken, { className: "spoken", role: "status", ariaLive: "polite", textContent: "" });
    const say = ({ dataset: { says } }) => {
        if (says && spoken.textContent !== says) spoken.textContent = says;
    };
    const patterns = Object.keys(words).map((said) => [RegExp(`^${said.replace("{}", "(.*)")}(: .*)?$`, "s"), words[said]]);
    const translated = (said) => {
        for (const [pattern, into] of patterns) {
            const found = said.match(pattern);
            if (found) return into.replace("{}", () => found[1]) + (found.at(-1)?.startsWith(": ") ? found.at(-1) : "");
        }
        return said;
    };
    const name = (element) => {
        const now = element.getAttribute("aria-label");
        if (now === null) return;
        if (now !== element.translatedName) element.givenName = now; // Streamlit has set another one
        const said = element.translatedName = translated(element.givenName);
        if (said !== now) element.setAttribute("aria-label", said);
    };
    const nameAll = (part) => {
        if (part.nodeType !== Node.ELEMENT_NODE) return;
        for (const element of [part, ...part.querySelectorAll(`[aria-label], [data-says], pre, ${NAMELESS}, ${LOGO}`)]) {
            if (element.tagName === "PRE") element.tabIndex = 0; // long code can then be scrolled with the keyboard
            if (element.matches(LOGO)) element.alt = "MNIST Studio";
            if (element.matches(NAMELESS)) element.ariaLabel ??= element.innerText;
            name(element);
            say(element);
        }
    };
    const heard = (changes) => {
        for (const { target, type, addedNodes } of changes) type === "attributes" ? name(target) : addedNodes.forEach(nameAll);
    };
    window.mnistStudioNames = new MutationObserver(heard);
    window.mnistStudioNames.observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-label"] });
    nameAll(document.body);
})
