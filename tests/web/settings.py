"""The app's settings for tests: a data folder of their own, and PostgreSQL when ``LEADLINE_TEST_DATABASE`` names one."""

import os
import tempfile

os.environ["LEADLINE_DATA"] = tempfile.mkdtemp(prefix="leadline-test-")
os.environ["DATABASE_URL"] = os.environ.get("LEADLINE_TEST_DATABASE", "")

from leadline.web.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if not os.environ["DATABASE_URL"]:  # a file: several connections to one in memory lock one another out at once
    DATABASES["default"]["TEST"] = {"NAME": DATA / "test.sqlite3"}  # noqa: F405
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
