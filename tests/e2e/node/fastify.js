// A backend with supertokens-node and Fastify.

import Fastify from "fastify";
import supertokens from "supertokens-node";
import { errorHandler, plugin } from "supertokens-node/framework/fastify/index.js";
import { verifySession } from "supertokens-node/recipe/session/framework/fastify/index.js";
import { logIn, noteException, ROUTES, settings, startSdk } from "./shared.js";

startSdk("fastify");
const app = Fastify();
const answerSessionErrors = errorHandler();
app.setErrorHandler(async (error, request, reply) => {
    if (!supertokens.Error.isErrorFromSuperTokens(error)) noteException(request.url);
    await answerSessionErrors(error, request, reply);
});
await app.register(plugin);
app.post("/login", logIn);
for (const [path, { action, verify }] of Object.entries(ROUTES)) {
    app.route({
        url: path,
        method: ["GET", "POST"],
        preHandler: verify === undefined ? [] : [verifySession(verify)],
        handler: (request) => action(request.session, request.query),
    });
}
console.log(await app.listen({ host: "127.0.0.1", port: Number(settings.port) }));
