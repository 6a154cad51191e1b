"""Forms of the list: a lead added by hand."""

from django import forms


class AddLeadForm(forms.Form):
    """Somebody to add. The address is what they are recognised by when they come by themselves."""

    email = forms.EmailField(label="E-mail", max_length=254, help_text="By this they are recognised from now on.")
    name = forms.CharField(label="Name", max_length=255, required=False)
    title = forms.CharField(label="Job title", max_length=255, required=False)
    company = forms.CharField(
        label="Company", max_length=255, required=False, help_text="Left empty, the e-mail address may tell."
    )
    evidence = forms.CharField(
        label="Where you know this from", max_length=1000, required=False, help_text="Kept beside what you say here."
    )
