"""What was deleted still lies in free space of the database's files. This makes it unreadable, as far as the database can.

SQLite: `VACUUM` writes the file anew without free space, and the write-ahead log is emptied. PostgreSQL frees what was deleted by its own
autovacuum; its files, logs and backups are the operator's (docs/privacy.md).
"""

from django.db import connection, transaction


def scrub_free_space() -> bool:
    """Make what was deleted unreadable in the database's files; return whether that is done. Call it outside of transactions.

    It takes about ten seconds for each gigabyte on SQLite, in which nothing else is written. False: somebody was reading all the time,
    and the write-ahead log could not be emptied yet.
    """
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Free space is scrubbed outside of transactions.")
    with connection.cursor() as cursor:
        # The copy that VACUUM makes holds what is kept; in memory it could be more than there is.
        cursor.execute("PRAGMA temp_store = FILE")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (is_busy, _, _) = cursor.fetchone()
    return not is_busy
