// A page with the official frontend SDK, which notes what the SDK tells it; tests drive it.

import SuperTokens from "supertokens-website";

window.events = [];
window.SuperTokens = SuperTokens;
window.call = async (method, path) => {
    const answer = await fetch(path, { method });
    return { status: answer.status, body: await answer.json() };
};

SuperTokens.init({
    apiDomain: window.location.origin,
    tokenTransferMethod: new URLSearchParams(window.location.search).get("transfer"),
    onHandleEvent: (event) => window.events.push(event.action),
});
