"""Where it runs: DuckDB, PostgreSQL and Spark behind one small contract (engine.py).

Reading order: open.py, engine.py, readings.py, preparation.py, event_tables.py, then an engine, then result.py.
"""
