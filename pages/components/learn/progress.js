// A learner's progress in the lessons is kept in the browser, by lesson. The server asks for it once in a session,
// and sends back the lesson that was changed last; what another tab has kept of the others stays.

const KEPT = "mnist-studio-lessons";
const tryTo = (task) => {  // the browser's storage may be blocked or full
    try {
        return task();
    } catch {
        return null;
    }
};
const kept = () => tryTo(() => JSON.parse(localStorage.getItem(KEPT))) ?? {};
let written = "";

export default function ({data: {isKnown, changed}, setStateValue}) {
    if (!isKnown) return setStateValue("kept", kept());
    const now = JSON.stringify(changed);
    if (now === "{}" || now === written) return;
    written = now;
    tryTo(() => localStorage.setItem(KEPT, JSON.stringify({...kept(), ...changed})));
}
