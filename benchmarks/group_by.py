"""The floor: one bare sum for each lead over the same file. Nothing that reads all events can be faster.

python -m benchmarks.group_by SIZE
"""

import sys

import duckdb

from benchmarks.generate import generate

if __name__ == "__main__":
    database = duckdb.connect()
    database.execute("SET threads = 2")
    events = generate(float(sys.argv[1])).events
    database.execute(f"CREATE TABLE sums AS SELECT lead_id, sum(event_id) AS n FROM '{events}' GROUP BY lead_id")
