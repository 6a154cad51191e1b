"""Django's settings. What a person may set is read from the environment; environment.py lists it."""

from pathlib import Path

from leadline.web.config.data_folder import data_folder, secret_key
from leadline.web.config.databases import read_database
from leadline.web.config.environment import read, read_count, read_list, read_ports
from leadline.web.config.mail import read_mail
from leadline.web.config.sign_in import read_openid_connect

DATA = data_folder()
SECRET_KEY = secret_key(DATA)
DEBUG = False
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = sorted(
    {*read_list("LEADLINE_HOSTS"), *LOOPBACK_NAMES}
)  # the last for whoever watches over it on this machine
CSRF_TRUSTED_ORIGINS = read_list("LEADLINE_ORIGINS")
IS_HTTPS = read("LEADLINE_HTTPS") == "1"
PROXY_COUNT = read_count("LEADLINE_PROXIES")
SETUP_CODE = read("LEADLINE_SETUP_CODE")
HEALTH_TOKEN = read("LEADLINE_HEALTH_TOKEN")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "leadline.web.accounts",
    "leadline.web.shell",
    "leadline.web.leads",
    "leadline.web.playbooks",
    "leadline.web.assessments",
    "leadline.web.capture",
    "leadline.web.handoff",
    "leadline.web.outgoing",
    "leadline.web.notices",
    "leadline.web.pages",
    "leadline.web.api",
    "leadline.web.operations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "leadline.web.api.gate.ApiProblemsMiddleware",
    "leadline.web.config.static_files.KeptForGoodMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # before whatever may refuse, so that refusals carry them too: a wrong Host, say
    "leadline.web.shell.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "leadline.web.shell.middleware.PublicAnswersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "leadline.web.accounts.sessions.SessionAgeMiddleware",
    "leadline.web.accounts.coming_back.SignInFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "leadline.web.accounts.middleware.WorkspaceMiddleware",
    "leadline.web.shell.middleware.LocalTimeMiddleware",
]
ROOT_URLCONF = "leadline.web.config.urls"
WSGI_APPLICATION = "leadline.web.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "leadline.web.shell.context.shell",
                "leadline.web.notices.context.bell",
            ],
            "builtins": ["leadline.web.shell.templatetags.shell"],
        },
    }
]

DATABASES = {"default": read_database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "today"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 86_400
OIDC = read_openid_connect()
EMAIL_BACKEND, MAIL = read_mail(read("LEADLINE_MAIL_URL"))
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = MAIL.has_starttls, MAIL.has_tls, 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read("LEADLINE_MAIL_FROM")

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
UPLOADS = DATA / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
TRACKING = {
    "event_bytes": read_count("LEADLINE_MOST_EVENT_BYTES"),
    "batch_bytes": read_count("LEADLINE_MOST_BATCH_BYTES"),
    "batch_events": read_count("LEADLINE_MOST_BATCH_EVENTS"),
    "waiting_deliveries": read_count("LEADLINE_MOST_WAITING_DELIVERIES"),
    "refused_an_hour": read_count("LEADLINE_MOST_REFUSED_AN_HOUR"),
}

API_REQUESTS_A_MINUTE = read_count("LEADLINE_API_REQUESTS_A_MINUTE")

SESSION_IDLE = read_count("LEADLINE_SESSION_IDLE_HOURS", least=1) * 3_600
SESSION_LONGEST = read_count("LEADLINE_SESSION_DAYS", least=1) * 86_400
SESSION_COOKIE_AGE = min(SESSION_IDLE, SESSION_LONGEST)  # from the last click that was noted
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the page
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # what is unwell says so in its own words; a line for each time that somebody asks would bury the rest
    "filters": {
        "but_503": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", 0) != 503,
        }
    },
    "formatters": {
        "line": {
            "()": "leadline.web.config.log_lines.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["but_503"]}},
    "loggers": {
        "leadline": {"handlers": ["console"], "level": read("LEADLINE_LOG").upper()},
        "django": {"handlers": ["console"], "level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016", "security.W021"]
BASE = Path(__file__).parents[1]

TOLD_DAYS = read_count("LEADLINE_TOLD_DAYS", least=1)
WEBHOOKS_ALLOW = read_list("LEADLINE_WEBHOOKS_ALLOW")
WEBHOOKS_PORTS = read_ports("LEADLINE_WEBHOOKS_PORTS")
WEBHOOKS_TO_THIS_MACHINE = read("LEADLINE_WEBHOOKS_TO_THIS_MACHINE") == "1"
