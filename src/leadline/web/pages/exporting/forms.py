"""The form of an export."""

from django import forms


class ExportForm(forms.Form):
    """As which file, and with which columns."""

    format = forms.ChoiceField(
        label="File",
        choices=[("csv", "CSV, for any program"), ("xlsx", "XLSX, for spreadsheets")],
        widget=forms.RadioSelect,
        initial="csv",
    )
    columns = forms.ChoiceField(
        label="Columns",
        choices=[("shown", "Those of the list"), ("all", "All that there are, with every known field")],
        widget=forms.RadioSelect,
        initial="shown",
    )
    query = forms.CharField(max_length=4000, required=False, widget=forms.HiddenInput)
