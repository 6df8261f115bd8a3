// What the backends with supertokens-node share: options, the SDK's set-up, its handlers, the routes.

import { appendFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import supertokens from "supertokens-node";
import Session from "supertokens-node/recipe/session/index.js";
import UserRoles from "supertokens-node/recipe/userroles/index.js";

const CUSTOM_ANSWERS = JSON.parse(
    readFileSync(new URL("../witnesses/custom_answers.json", import.meta.url), "utf-8"),
);
const ERRORS = {
    onUnauthorised: "UNAUTHORISED",
    onTryRefreshToken: "TRY_REFRESH_TOKEN",
    onTokenTheftDetected: "TOKEN_THEFT_DETECTED",
    onInvalidClaim: "INVALID_CLAIMS",
    onClearDuplicateSessionCookies: "CLEAR_DUPLICATE_SESSION_COOKIES",
};
const TEN_YEARS_S = 10 * 365 * 86_400;

export const settings = parseArgs({
    options: {
        core: { type: "string" },
        port: { type: "string", default: "0" },
        handlers: { type: "string", default: "default" },
        log: { type: "string" },
        "anti-csrf": { type: "string" },
        "older-cookie-domain": { type: "string" },
    },
}).values;

const KIND = settings.handlers === "default" ? "default" : "custom";

function note(error, handler, kind, url) {
    const path = new URL(url, "http://any").pathname;
    appendFileSync(settings.log, JSON.stringify({ error, handler, kind, path }) + "\n");
}

/** Writes down that an exception is left to the framework. */
export function noteException(url) {
    note("GENERAL_ERROR", "framework_error_response", "framework", url);
}

/** Sets the SDK up, with its own handlers or with those of this app. */
export function startSdk(framework) {
    supertokens.init({
        framework,
        telemetry: false,
        supertokens: { connectionURI: settings.core },
        appInfo: {
            appName: "stctl",
            apiDomain: "http://127.0.0.1",
            websiteDomain: "http://127.0.0.1",
        },
        recipeList: [
            Session.init({
                antiCsrf: settings["anti-csrf"],
                olderCookieDomain: settings["older-cookie-domain"],
                errorHandlers: KIND === "custom" ? customHandlers() : {},
            }),
            UserRoles.init(),
        ],
    });
    noteWhatFires();
}

// As an app might write them.
function customHandlers() {
    const handlers = {};
    for (const [name, { status, body }] of Object.entries(CUSTOM_ANSWERS)) {
        handlers[name] = async (...args) => {
            if (name === "onTokenTheftDetected" && settings.handlers !== "forgetful") {
                await Session.revokeSession(args[0]);
            }
            const response = args.at(-2);
            response.setStatusCode(status);
            response.sendJSONResponse(body);
        };
    }
    return handlers;
}

// The default handlers are to be seen in the SDK's own instance alone.
function noteWhatFires() {
    const inside = createRequire(import.meta.url)("supertokens-node/lib/build/recipe/session/recipe");
    const handlers = inside.default.getInstanceOrThrowError().config.errorHandlers;
    for (const [name, error] of Object.entries(ERRORS)) {
        const inForce = handlers[name];
        handlers[name] = (...args) => {
            note(error, name, KIND, args.at(-3).getOriginalURL());
            return inForce(...args);
        };
    }
}

/** Creates a session, for a request and a response of the framework. */
export async function logIn(request, response) {
    const { user, plan = "free" } = request.query;
    const id = supertokens.convertToRecipeUserId(user);
    const made = await Session.createNewSession(request, response, "public", id, { plan });
    return { handle: made.getHandle() };
}

async function who(session) {
    if (session === undefined) return { user: null };
    return {
        user: session.getUserId(),
        session: session.getHandle(),
        payload: session.getAccessTokenPayload(),
    };
}

async function crash() {
    throw new Error("a bug in the app");
}

async function logOut(session) {
    await session.revokeSession();
    return { status: "OK" };
}

async function changePayload(session, { colour = "blue" }) {
    await session.mergeIntoAccessTokenPayload({ colour });
    return { colour };
}

async function readData(session) {
    return { data: await session.getSessionDataFromDatabase() };
}

async function changeData(session, query) {
    await session.updateSessionDataInDatabase({ ...query });
    return readData(session);
}

async function listSessions(session) {
    return { handles: await Session.getAllSessionHandlesForUser(session.getUserId()) };
}

async function revoke(_, { handle }) {
    return { revoked: await Session.revokeSession(handle) };
}

async function giveRole(session, { role }) {
    await UserRoles.createNewRoleOrAddPermissions(role, []);
    await UserRoles.addRoleToUser("public", session.getUserId(), role);
    await session.fetchAndSetClaim(UserRoles.UserRoleClaim);
    return { roles: await session.getClaimValue(UserRoles.UserRoleClaim) };
}

// The token alone decides, however old its claim is.
function roleIsAdmin(validators) {
    return [...validators, UserRoles.UserRoleClaim.validators.includes("admin", TEN_YEARS_S)];
}

/**
 * Beside `/login`, what a path does, by GET and by POST, and the options of `verifySession`;
 * none where no session is looked for.
 */
export const ROUTES = {
    "/protected": { action: who, verify: {} },
    "/protected-db": { action: who, verify: { checkDatabase: true } },
    "/optional": { action: who, verify: { sessionRequired: false } },
    "/admin": { action: who, verify: { overrideGlobalClaimValidators: roleIsAdmin } },
    "/open": { action: who },
    "/crash": { action: crash, verify: {} },
    "/logout": { action: logOut, verify: {} },
    "/payload": { action: changePayload, verify: {} },
    "/data": { action: readData, verify: {} },
    "/new-data": { action: changeData, verify: {} },
    "/sessions": { action: listSessions, verify: {} },
    "/revoke": { action: revoke, verify: {} },
    "/role": { action: giveRole, verify: {} },
};
