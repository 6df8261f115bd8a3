"""What an SDK did with each request of a trace: the tree of `recipe`, walked by recorded facts.

For each request the walks of the tree that may have led to its answer are tried, the most plausible
ones first; those that could only lose are left out (`relevance`). Where the trace answers a
question of the tree, the answer is observed; where it does not, each possible answer has a price
(`plausibility`). The end of a walk is compared with the recorded answer (`judge`): status, default
bodies, what was set and cleared, calls to the core. The cheapest walk that agrees is the
explanation, other verdicts that come close are its alternatives (`search`, `alternatives`). What
requests tell of the app and of its tokens is kept for the others (`book`, `learning`), also for
those before them, within a window (`explainer`, `story`).
"""
