// Conveniences only: everything on the page can be read and opened without it.
(() => {
  "use strict";
  const steps = [...document.querySelectorAll("details.step")];
  const summaryOf = (step) => step.querySelector("summary");
  const isShown = (step) => step.getClientRects().length > 0;

  const show = () => {
    const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named && named.matches("details.step")) {
      named.closest(".sequence").classList.remove("only-trouble");
      named.open = true;
      summaryOf(named).focus({ preventScroll: true });
      named.scrollIntoView({ block: "start" });
    }
  };
  addEventListener("hashchange", show);

  for (const step of steps) {
    summaryOf(step).addEventListener("click", () => {
      // The state changes after the click.
      if (!step.open) history.replaceState(null, "", `#${step.id}`);
    });
  }

  const move = (by) => {
    const shown = steps.filter(isShown);
    const at = shown.findIndex((step) => step.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by;
    const step = shown[Math.min(Math.max(next, 0), shown.length - 1)];
    if (!step) return;
    summaryOf(step).focus({ preventScroll: true });
    step.scrollIntoView({ block: "nearest" });
  };

  const close = () => {
    const step = document.activeElement && document.activeElement.closest("details.step");
    if (step) {
      step.open = false;
      summaryOf(step).focus();
    }
  };

  const keys = { j: () => move(1), k: () => move(-1), Escape: close };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    keys[event.key]();
    if (event.key !== "Escape") event.preventDefault();
  });

  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => act(made));
    return made;
  };

  const toolsFor = (sequence) => {
    const own = [...sequence.querySelectorAll("details.step")];
    const trouble = own.filter((step) => step.dataset.trouble);
    const tools = document.createElement("div");
    tools.className = "tools";
    if (trouble.length && trouble.length < own.length) {
      const only = button("Errors only", () => {
        const on = sequence.classList.toggle("only-trouble");
        only.setAttribute("aria-pressed", String(on));
      });
      only.setAttribute("aria-pressed", "false");
      tools.append(only);
    }
    tools.append(
      button("Open all", (it) => {
        const opens = it.textContent === "Open all";
        for (const step of own) step.open = opens;
        it.textContent = opens ? "Close all" : "Open all";
      }),
    );
    const help = document.createElement("span");
    help.className = "keys";
    for (const part of [["j"], " and ", ["k"], " move, ", ["Enter"], " opens, ", ["Esc"], " closes"]) {
      if (typeof part === "string") help.append(part);
      else help.append(Object.assign(document.createElement("kbd"), { textContent: part[0] }));
    }
    tools.append(help);
    sequence.before(tools);
  };
  for (const sequence of document.querySelectorAll(".sequence")) toolsFor(sequence);

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });

  // The browser itself goes to the anchor once the page is there, and takes the focus along.
  addEventListener("load", () => setTimeout(show));
})();
