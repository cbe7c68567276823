"""Django's settings, drawn from `conf.config`; nothing here reads the environment itself."""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from madoguchi.project.conf import config
from madoguchi.project.database import connection_settings
from madoguchi.project.logs import LOGGING as LOGGING
from madoguchi.project.logs import configure_logs
from madoguchi.project.staff_mail import mail_settings

BASE = Path(__file__).resolve().parent
DATA = config.data
FILES_ROOT = config.files

SECRET_KEY = config.secret_key
DEBUG = config.debug
ALLOWED_HOSTS = list(config.allowed_hosts)
BASE_URL = config.base_url
_secure = urlsplit(config.base_url).scheme == "https"

ROOT_URLCONF = "madoguchi.project.urls"
WSGI_APPLICATION = "madoguchi.project.wsgi.application"
DATABASES = {"default": connection_settings(config, owner=config.role == "owner")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "madoguchi.look",
    "django.forms",
    "madoguchi.infra",
    "madoguchi.companies",
    "madoguchi.people",
    "madoguchi.customers",
    "madoguchi.commerce",
    "madoguchi.knowledge",
    "madoguchi.helpcentre",
    "madoguchi.bot",
    "madoguchi.gaps",
    "madoguchi.fields",
    "madoguchi.cases",
    "madoguchi.tasks",
    "madoguchi.search",
    "madoguchi.exports",
    "madoguchi.batches",
    "madoguchi.imports",
    "madoguchi.rights",
    "madoguchi.macros",
    "madoguchi.scripts",
    "madoguchi.insight",
    "madoguchi.following",
    "madoguchi.escalations",
    "madoguchi.signals",
    "madoguchi.reservations",
    "madoguchi.complaints",
    "madoguchi.feedback",
    "madoguchi.shield",
    "madoguchi.surveys",
    "madoguchi.views",
    "madoguchi.rules",
    "madoguchi.intake",
    "madoguchi.routing",
    "madoguchi.promises",
    "madoguchi.delivery",
    "madoguchi.voice",
    "madoguchi.webhooks",
    "madoguchi.storefronts",
    "madoguchi.channels.email",
    "madoguchi.channels.webform",
    "madoguchi.channels.phone",
    "madoguchi.channels.webchat",
    "madoguchi.channels.line",
    "madoguchi.desk",
    "madoguchi.administration",
    "madoguchi.portal",
    "madoguchi.api",
    "madoguchi.project",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "heroicons",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "madoguchi.project.proxies.BehindProxy",
    "madoguchi.project.own_hosts.OwnHosts",
    "django.middleware.security.SecurityMiddleware",
    "madoguchi.project.middleware.FilesAlone",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "madoguchi.project.middleware.AnswerClearly",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "madoguchi.people.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "madoguchi.project.middleware.TellsOfAttempts",
    "madoguchi.people.middleware.WithinScope",
    "madoguchi.project.blotting.KeepsFromReaders",
]

_LOADERS = [
    (
        "template_partials.loader.Loader",
        [
            (
                "django.template.loaders.cached.Loader",
                [
                    "django_cotton.cotton_loader.Loader",
                    "django.template.loaders.filesystem.Loader",
                    "django.template.loaders.app_directories.Loader",
                ],
            )
        ],
    )
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": _LOADERS,
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "heroicons.templatetags.heroicons",
                "madoguchi.look.templatetags.look",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- sign-in
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["madoguchi.people.sessions.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "madoguchi.people.sign_in.Adapter"
ACCOUNT_FORMS = {"login": "madoguchi.people.forms.SignIn"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Madoguchi"
# People are invited by those who know their address, so allauth's own record of it need not be verified first.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure
USERSESSIONS_TRACK_ACTIVITY = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("email", "name", "kana")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]  # fmt: skip
SESSION_ENGINE = "madoguchi.people.sessions"
SESSION_COOKIE_AGE = config.session_hours * 3600
SESSION_COOKIE_NAME = "madoguchi_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [config.base_url]

# allauth counts failed sign-ins in the cache; the database's cache is common to all processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- safety in the browser
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if config.trusted_proxy else None
TRUSTED_PROXIES = config.trusted_proxy
CHAT_CONNECTIONS = config.chat_connections
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
MAX_UPLOAD_BYTES = config.max_mail_mb * 1_000_000
MAX_IMPORT_BYTES = config.max_import_mb * 1_000_000
# Pages that take more than others, of whoever is signed in.
MUCH_IS_UPLOADED_TO = {
    "administration:import_new": MAX_IMPORT_BYTES,
    "administration:import_articles_new": MAX_IMPORT_BYTES,
}
FILE_UPLOAD_HANDLERS = [
    "madoguchi.project.uploads.NeverEnding",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- language and time
USE_I18N = USE_TZ = True
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "madoguchi_language"
TIME_ZONE = "Asia/Tokyo"

# --- files of the pages
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served from where they lie: nothing to collect, one step less to forget after an upgrade.
WHITENOISE_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = config.debug
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- work
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
MAIL_TRANSPORT = config.mail_transport
UNDO_SECONDS = config.undo_seconds
REPLY_LOCK_SECONDS = config.reply_lock_seconds
REOPEN_DAYS = config.reopen_days
ACCESS_DAYS = config.access_days
RUN_DAYS = config.run_days
WEBHOOK_DAYS = config.webhook_days
API_PER_MINUTE = config.api_per_minute
PRIVATE_MAIL_NETWORKS = tuple(map(ip_network, config.private_mail_networks))
WEBHOOKS_PRIVATE = config.webhooks_private
LINE_API = config.line_api.rstrip("/")
TRUSTED_MAIL_SERVERS = tuple(name.lower() for name in config.trusted_mail_servers)
CLAMD = config.clamd
SPEECH, RECOGNISER = config.speech, config.recogniser
LLM_URL, LLM_MODEL, LLM_KEY = config.llm_url, config.llm_model, config.llm_key
CALLS_GO_OUT = bool(config.sip_trunk or (config.ari_port and config.ari_endpoint))
SIP_PHONES_AT = f"{config.sip_host}:{config.sip_port}" if config.sip_port and config.sip_phones else ""
CALLS_GO_BY_TRUNK = bool(config.sip_trunk)
CALL_DESTINATIONS = config.call_destinations
CALL_SIP_HOSTS = frozenset(config.call_sip_hosts)
CALLS_OUT_A_DAY = config.calls_out_a_day
MINUTES_OUT_A_DAY = config.minutes_out_a_day
FILES_ORIGIN = config.files_origin
SENDING_AT_ONCE = config.sending_at_once
SENDING_PER_SERVER = config.sending_per_server
MAX_MAIL_BYTES = config.max_mail_mb * 1_000_000
globals().update(mail_settings(config))

configure_logs(config)
