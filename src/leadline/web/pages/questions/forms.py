"""Forms of questions: an answer with how one knows, and the question whose answer is withdrawn or put back."""

from typing import Any

from django import forms

from leadline.engine.next_question import ANSWERS
from leadline.web.pages.playbook_words import PlaybookWords


class QuestionForm(forms.Form):
    """A question that the live playbook asks."""

    question = forms.CharField(max_length=100)

    def __init__(self, *arguments: Any, words: PlaybookWords | None, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.words = words

    def clean_question(self) -> str:
        """Return a question that the live playbook asks."""
        question = str(self.cleaned_data["question"])
        if self.words is None or question not in {one.id for one in self.words.playbook.questions}:
            raise forms.ValidationError("The live playbook does not ask this any more. Nothing was noted.")
        return question


class AnswerForm(QuestionForm):
    """What a person answered to a question of the playbook, and how one knows."""

    answer = forms.ChoiceField(
        choices=[(one, one) for one in ANSWERS],
        error_messages={
            "required": "Choose yes, partly or no. Nothing was noted.",
            "invalid_choice": "An answer is yes, partly or no. Nothing was noted.",
        },
    )
    evidence = forms.CharField(max_length=1000, required=False)
