// What people read on the page, or have read to them: without code, and without Streamlit's own controls.
() => {
    const parts = `.stMain, [data-testid=stHeader] a, [data-testid=stPopoverBody], [role=listbox],
        [data-testid=stToast]`;
    const skipped = `code, pre, style, script, [translate=no], [data-testid=stElementToolbar],
        [data-testid=stFileUploader] section, [data-testid=stCameraInput] > div,
        [data-testid=stFullScreenFrame] canvas`;
    const found = [];
    const read = (node) => {
        const text = node.nodeType === Node.TEXT_NODE && node.textContent.trim();
        if (text) found.push(text);
        if (node.nodeType !== Node.ELEMENT_NODE || node.matches(skipped) || !node.checkVisibility()) return;
        found.push(...["title", "alt", "placeholder"].map((name) => node.getAttribute(name)).filter(Boolean));
        [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes].forEach(read);
    };
    document.querySelectorAll(parts).forEach(read);
    return found;
}
