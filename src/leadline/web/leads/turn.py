"""Who is who is decided by one writer at a time in each workspace.

Two messages that name one new person must not make two leads, and two merges must not cross. On SQLite a transaction that writes is
alone anyway (``BEGIN IMMEDIATE``); on PostgreSQL the workspace's row is what writers queue at. It is locked so that rows may still
refer to it, and nobody who only reads waits.
"""

from django.db import connection, transaction

from leadline.web.accounts.models import Workspace


def take_turn(workspace_id: int) -> None:
    """Wait until nobody else decides who is who in a workspace; the turn ends with the transaction.

    Take it before any row of a lead is locked, so that writers never wait for one another in a circle.

    Raises:
        TransactionManagementError: there is no transaction in which the turn could last.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Who is who is decided inside a transaction.")
    if connection.vendor == "postgresql":
        Workspace.objects.select_for_update(no_key=True).values_list("pk").get(pk=workspace_id)
