// A learner's progress in the lessons is kept in the browser, by lesson. The server asks for it once in a session
// and sends back the lessons that were changed in this session; those of another tab stay.

const KEPT = "mnist-studio-lessons";
const tryTo = (task) => {  // the browser's storage may be blocked or full
    try {
        return task();
    } catch {
        return null;
    }
};
const kept = () => tryTo(() => JSON.parse(localStorage.getItem(KEPT))) ?? {};

export default function ({data, setStateValue}) {
    if (!data.isKnown) setStateValue("kept", kept());
    else if (Object.keys(data.changed).length) {
        tryTo(() => localStorage.setItem(KEPT, JSON.stringify({...kept(), ...data.changed})));
    }
}
