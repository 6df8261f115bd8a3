// A backend with supertokens-node and Express.

import express from "express";
import { errorHandler, middleware } from "supertokens-node/framework/express/index.js";
import { verifySession } from "supertokens-node/recipe/session/framework/express/index.js";
import { logIn, noteException, ROUTES, settings, startSdk } from "./shared.js";

startSdk("express");
const app = express();
// Keeps Express from printing every exception that it answers.
app.set("env", "test");
app.use(middleware());
app.post("/login", async (request, response) => response.json(await logIn(request, response)));
for (const [path, { action, verify }] of Object.entries(ROUTES)) {
    const checks = verify === undefined ? [] : [verifySession(verify)];
    app.all(path, ...checks, async (request, response) => {
        response.json(await action(request.session, request.query));
    });
}
app.use(errorHandler());
app.use((error, request, response, next) => {
    noteException(request.originalUrl);
    next(error);
});
const server = app.listen(Number(settings.port), "127.0.0.1", () => {
    console.log(`http://127.0.0.1:${server.address().port}`);
});
