"""Addresses of what is about accounts."""

from django.urls import URLPattern, URLResolver, path

from leadline.web.accounts import oidc_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.go_home, name="home"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/provider/", oidc_views.go_to_provider, name="oidc"),
    path("sign-in/provider/done/", oidc_views.come_back, name="oidc-done"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("sign-out/everywhere/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("password/", views.ChangePassword.as_view(), name="password"),
    path("password/new/", views.AskForPassword.as_view(), name="password-reset"),
    path("password/sent/", views.PasswordSent.as_view(), name="password-sent"),
    path("password/choose/<uidb64>/<token>/", views.ChoosePassword.as_view(), name="choose-password"),
    path("workspace/<int:pk>/", views.choose_workspace, name="choose-workspace"),
    path("settings/", views.edit_workspace, name="settings"),
    path("settings/members/", views.list_members, name="members"),
    path("settings/members/<int:pk>/role/", views.change_role, name="change-role"),
    path("settings/members/<int:pk>/approvals/", views.name_approver, name="member-approvals"),
    path("settings/members/<int:pk>/remove/", views.remove_member, name="remove-member"),
    path("settings/members/<int:pk>/link/", views.show_link, name="member-link"),
]
