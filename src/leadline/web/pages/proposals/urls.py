"""Addresses of proposals."""

from django.urls import path

from leadline.web.pages.proposals import views

urlpatterns = [
    path("playbook/proposals/", views.proposals, name="proposals"),
    path("playbook/proposals/<int:number>/", views.proposal, name="proposal"),
    path("playbook/proposals/<int:number>/comment/", views.comment, name="proposal-comment"),
    path("playbook/proposals/<int:number>/approve/", views.approve, name="proposal-approve"),
    path("playbook/proposals/<int:number>/ask/", views.ask, name="proposal-ask"),
    path("playbook/proposals/<int:number>/take-back/", views.take_back, name="proposal-take-back"),
    path("playbook/proposals/<int:number>/withdraw/", views.withdraw, name="proposal-withdraw"),
    path("playbook/drafts/<int:pk>/put-forward/", views.put_forward, name="draft-put-forward"),
]
