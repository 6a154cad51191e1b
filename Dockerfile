# Leadline in a container, for PostgreSQL. docs/install.md says how to use it; tests/web/operations/test_container.py runs its steps.
#
# Two stages: the first builds a virtual environment, the second holds that and nothing that builds. No secret is in either: they come
# as environment variables or files when it runs. It writes to /data only, so its root may be read-only.

FROM python:3.13-slim-trixie AS build
WORKDIR /source
RUN python -m venv /opt/leadline
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /opt/leadline/bin/pip install --no-cache-dir --disable-pip-version-check ".[web,postgres]"

FROM python:3.13-slim-trixie
# pg_dump, pg_restore and psql of PostgreSQL 17, for `leadline backup` and `leadline restore`: no older than the server may be
# The release of Debian says which version; its archive keeps no older ones that could be pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin leadline \
    && install --directory --owner=leadline --group=leadline --mode=0700 /data
COPY --from=build /opt/leadline /opt/leadline
ENV PATH=/opt/leadline/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LEADLINE_DATA=/data
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8000
# Any answer of 200 is well; 503 raises, and so does no answer.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=8)"]
# `up` brings the database to this version before it serves, one container at a time.
CMD ["leadline", "up", "--host", "0.0.0.0", "--port", "8000"]
