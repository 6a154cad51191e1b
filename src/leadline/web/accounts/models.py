"""Tables: people, workspaces and who may do what in them, sources of data and their keys."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now


class SomeUsers(models.QuerySet["User"]):
    """Some of the people."""

    def update(self, **values: Any) -> int:
        """Change columns of all of them. Whose account is switched off is signed out for good: switched on again, they sign in anew."""
        if values.get("is_active") is False:
            values.setdefault("session_round", F("session_round") + 1)
        return super().update(**values)


class Users(BaseUserManager["User"]):
    """Finds people by their address, whatever its case."""

    def get_queryset(self) -> SomeUsers:
        """Return everybody."""
        return SomeUsers(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person who signs in with an address."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in. What they may do stands in their memberships."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True, db_default=True)
    session_round = models.PositiveIntegerField(default=0, db_default=0)
    """Sessions of an earlier round have ended: counting on signs the person out on every device."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = Users()

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="one_user_an_address"),)

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *arguments: Any, **names: Any) -> None:
        """Write the row; who is switched off by it is signed out for good."""
        written = names.get("update_fields")
        if self.pk and not self.is_active and (written is None or "is_active" in written):
            User.objects.filter(pk=self.pk, is_active=True).update(is_active=False)
            self.session_round = User.objects.values_list("session_round", flat=True).filter(pk=self.pk).first() or 0
        super().save(*arguments, **names)

    def get_session_auth_hash(self) -> str:
        """Return what a session must agree with: it ends when the password changes, and when the round does."""
        return self._of_round(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same under secret keys of the installation that were replaced."""
        yield from map(self._of_round, super().get_session_auth_fallback_hash())

    def _of_round(self, of_password: str) -> str:
        return f"{of_password}:{self.session_round}"


class Workspace(models.Model):
    """One company's leads, strictly apart from every other's."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    timezone = models.CharField(max_length=64, default="UTC", db_default="UTC")
    is_demo = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person may do in a workspace."""

    class Role(models.TextChoices):
        ADMIN = "admin", "administrator"
        MARKETER = "marketer", "marketer"
        REP = "rep", "sales rep"
        MANAGER = "manager", "manager"
        VIEWER = "viewer", "viewer"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    approves_marketing = models.BooleanField(default=False, db_default=False)
    approves_sales = models.BooleanField(default=False, db_default=False)
    """For which sides they approve proposals to change the playbook. A viewer approves for none."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_a_person"),
            models.CheckConstraint(
                condition=~Q(role="viewer") | Q(approves_marketing=False, approves_sales=False),
                name="viewers_approve_nothing",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["admin", "marketer", "rep", "manager", "viewer"]), name="role_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Source(models.Model):
    """Where data comes from. Its name is what a playbook's `[sources] rank` speaks of."""

    class Kind(models.TextChoices):
        WEBSITE = "website"
        SERVER = "server"
        MAIL = "mail"
        FORM = "form"
        IMPORT = "import"
        PERSON = "person"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="sources")
    name = models.SlugField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    identity_secret = models.CharField(max_length=64, blank=True, default="", db_default="")
    """With this a website signs the user ids that it sends (`userHash`)."""
    waits_for_consent = models.BooleanField(default=False, db_default=False)
    """Whether the snippet may set nothing in the browser before the visitor has agreed."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "name"], name="one_source_a_name"),)

    def __str__(self) -> str:
        return self.name


class SourceKey(models.Model):
    """A key with which a source sends. Kept as a prefix to find it by, and an HMAC of the whole.

    A browser key is public by nature (it stands in a page's source): it may append, and nothing else.
    """

    class Kind(models.TextChoices):
        BROWSER = "browser"
        SERVER = "server"
        MAIL = "mail"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="source_keys")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    public_key = models.CharField(max_length=80, blank=True, default="", db_default="")
    """A browser key in full, so that the snippet can be shown again; empty for others."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.prefix}…"


class TryCount(models.Model):
    """How often something that may be tried only so often was tried since a moment: sign-ins, setup codes, mails for a new password.

    key: a keyed hash of what is counted, so that no address is kept here.
    """

    key = models.CharField(max_length=64, unique=True)
    began_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.count} since {self.began_at:%Y-%m-%d %H:%M}"
