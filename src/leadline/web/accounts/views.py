"""Pages about accounts: signing in, passwords, the workspace and its members."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from leadline.web.accounts import actions, queries
from leadline.web.accounts.forms import (
    ApproverForm,
    ChangePasswordForm,
    ChoosePasswordForm,
    MemberForm,
    NewPasswordForm,
    RoleForm,
    SignInForm,
    WorkspaceForm,
    can_send_mail,
)
from leadline.web.accounts.middleware import CHOSEN, about_no_workspace, workspace_of
from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import ADMINS, needs_role

# -- signing in -------------------------------------------------------------------------------------------------


@login_not_required
@require_safe
def go_home(request: HttpRequest) -> HttpResponse:
    """Lead to the page of the morning, or to the one for the first user while there is none."""
    return redirect("today" if queries.has_users() else "welcome")


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth.LoginView):
    """Signs a person in, and sends them back to where they wanted to go."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *arguments: Any, **names: Any) -> Any:
        """Lead to the page for the first user while there is none."""
        if not queries.has_users():
            return redirect("welcome")
        return super().dispatch(request, *arguments, **names)

    def get(self, request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponse:
        """Show the form; where only a part of a page was asked for, because a session has ended meanwhile, load the whole page anew."""
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        return super().get(request, *arguments, **names)

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Return where they wanted to go; empty, where that is no path of ours, or this very page, which would lead to itself for ever."""
        wanted = super().get_redirect_url()
        return wanted if wanted.startswith("/") and urlsplit(wanted).path != self.request.path else ""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the provider that vouches for people, where there is one."""
        return super().get_context_data(oidc=settings.OIDC, **context)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, with what was wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=429 if form.is_too_often else 422)


@method_decorator(about_no_workspace, name="dispatch")
class SignOut(auth.LogoutView):
    """Ends the session; only by POST, so that no link or picture can."""

    next_page = "sign-in"


@require_POST
@about_no_workspace
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all sessions of a person, this one too: a device that was lost is signed in no longer."""
    assert isinstance(request.user, User)
    actions.end_sessions(request.user)
    logout(request)
    messages.success(request, "You are signed out on all devices.")
    return redirect("sign-in")


@method_decorator(about_no_workspace, name="dispatch")
class ChangePassword(auth.PasswordChangeView):
    """The account page: changes one's own password, upon which sessions elsewhere end; and signs out everywhere."""

    template_name = "accounts/password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("password")

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and say so."""
        messages.success(self.request, "Your password is changed. On every other device you have been signed out.")
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, with what was wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add how long people stay signed in."""
        idle_hours, longest_days = settings.SESSION_IDLE // 3_600, settings.SESSION_LONGEST // 86_400
        return super().get_context_data(idle_hours=idle_hours, longest_days=longest_days, **context)


@method_decorator(login_not_required, name="dispatch")
class AskForPassword(auth.PasswordResetView):
    """Sends a link with which to choose a new password. Says the same whether or not there is such an account."""

    template_name = "accounts/ask_for_password.html"
    form_class = NewPasswordForm
    email_template_name = "accounts/password_mail.txt"
    subject_template_name = "accounts/password_subject.txt"
    success_url = reverse_lazy("password-sent")
    extra_context = {"can_send_mail": can_send_mail}  # noqa: RUF012 - Django's own

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the link, where there is a server to send it with."""
        return super().form_valid(form) if can_send_mail() else redirect("password-reset")


class PasswordSent(auth.PasswordResetDoneView):
    """Says that a mail is under way, if there is an account."""

    template_name = "accounts/password_sent.html"


class ChoosePassword(auth.PasswordResetConfirmView):
    """Lets who has a link choose a password, and signs them in. The link is used up by it."""

    template_name = "accounts/choose_password.html"
    form_class = ChoosePasswordForm
    post_reset_login = True
    success_url = reverse_lazy("home")

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, with what was wrong."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


# -- the workspace ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def edit_workspace(request: HttpRequest) -> HttpResponse:
    """Show and change what the workspace is called and where its days begin."""
    workspace = workspace_of(request)
    form = WorkspaceForm(request.POST or None, initial={"name": workspace.name, "timezone": workspace.timezone})
    if request.method == "POST" and form.is_valid():
        actions.change_workspace(workspace, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("settings")
    context = {"form": form, "workspaces": queries.list_workspaces(request.user)}  # type: ignore[arg-type]
    return render(request, "accounts/workspace.html", context, status=422 if form.errors else 200)


@require_POST
@about_no_workspace
def choose_workspace(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn to another of one's workspaces."""
    request.session[CHOSEN] = queries.get_workspace(request.user, pk).pk  # type: ignore[arg-type]
    return redirect("today")


# -- members ----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def list_members(request: HttpRequest) -> HttpResponse:
    """Show the members; add one."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_member(workspace_of(request), **form.cleaned_data)
        except actions.AlreadyMemberError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"{added.user} is a member of {added.workspace} now.")
            return _members(request, MemberForm(), link_for=added)
    return _members(request, form, status=422 if form.errors else 200)


@require_POST
@needs_role(*ADMINS)
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    member = queries.get_member(workspace_of(request), pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            actions.change_role(member, form.cleaned_data["role"])
            role = Membership.Role(form.cleaned_data["role"]).label
            messages.success(request, f"{member.user} has the role {role} from now on.")
        except actions.LastAdminError as error:
            messages.error(request, str(error))
    else:
        messages.error(request, "Nothing was changed: choose one of the roles.")
    return redirect("members")


@require_POST
@needs_role(*ADMINS)
def name_approver(request: HttpRequest, pk: int) -> HttpResponse:
    """Say for which sides a member approves proposals."""
    member = queries.get_member(workspace_of(request), pk)
    form = ApproverForm(request.POST)
    form.is_valid()  # two ticks cannot be wrong
    sides = [side for side in ("marketing", "sales") if form.cleaned_data[side]]
    try:
        actions.name_approver(member, **form.cleaned_data)
        what = f"approves proposals for {' and '.join(sides)}" if sides else "approves no proposals"
        messages.success(request, f"{member.user} {what} from now on.")
    except actions.ViewerError as error:
        messages.error(request, str(error))
    return redirect("members")


@require_http_methods(["GET", "HEAD", "POST"])
@needs_role(*ADMINS)
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a member is to go; take them out."""
    member = queries.get_member(workspace_of(request), pk)
    if request.method != "POST":
        return render(request, "accounts/remove_member.html", {"member": member})
    try:
        actions.remove_member(member)
        messages.success(request, f"{member.user} is no longer a member.")
    except actions.LastAdminError as error:
        messages.error(request, str(error))
    return redirect("members")


@never_cache
@require_POST
@needs_role(*ADMINS)
def show_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the link with which a member who has no password yet chooses one."""
    return _members(request, MemberForm(), link_for=queries.get_member(workspace_of(request), pk))


def _members(
    request: HttpRequest, form: MemberForm, *, link_for: Membership | None = None, status: int = 200
) -> HttpResponse:
    members = [
        {"member": one, "may_have_link": queries.may_hand_out_link(one)}
        for one in queries.list_members(workspace_of(request))
    ]
    link = ""
    if link_for is not None and queries.may_hand_out_link(link_for):
        link = request.build_absolute_uri(queries.link_to_choose_password(link_for.user))
    context = {"members": members, "roles": Membership.Role.choices, "form": form, "link": link, "link_for": link_for}
    return render(request, "accounts/members.html", context, status=status)
