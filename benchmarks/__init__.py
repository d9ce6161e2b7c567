"""What `./klima bench` runs: whole jobs and hot paths, held to limits.

A module with `BENCHES` offers benchmarks: names of functions without arguments, each of which
returns its figures, `{"name of the figure": {"value": 0.31, "unit": "s", "at_most": 0.5}}`
(`at_least` likewise, neither for a figure that is only shown). `one_service` and `all_services`
start what they run on.
"""
