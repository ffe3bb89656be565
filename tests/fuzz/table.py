"""`python -m tests.fuzz.table`: what the runs of var/fuzz/results.jsonl come to, as the table of docs/fuzzing.md."""

import json
from pathlib import Path

from tests.fuzz.run import KEPT
from tests.fuzz.targets import TARGETS


def table(results: Path) -> str:
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    rows = [
        "| target | inputs | a second | slowest input | memory early and late | last run |",
        "|---|---|---|---|---|---|",
    ]
    for target in TARGETS:
        of = [line for line in lines if line["target"] == target]
        if of:
            rows.append(
                f"| `{target}` | {sum(line['inputs'] for line in of):,} | "
                f"{min(line['per_s'] for line in of):,} to {max(line['per_s'] for line in of):,} | "
                f"{max(line['slowest_ms'] for line in of):g} ms | "
                f"{of[-1]['early_mb']} and {of[-1]['late_mb']} MB | {of[-1]['at']} UTC |"
            )
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    print(table(KEPT / "results.jsonl"), end="")
