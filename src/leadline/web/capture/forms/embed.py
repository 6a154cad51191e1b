"""What a site pastes to show a form: a frame with our page in it, or a bare form that the site dresses itself."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadline.web.capture.forms.consents import BOXES, texts_of
from leadline.web.capture.forms.fields import AskedField, read_fields
from leadline.web.capture.models import Form

_INPUT_TYPES = {"email": "email", "phone": "tel", "number": "number"}


def frame_code(form: Form, address: str) -> SafeString:
    """Return the frame that another site shows a form in."""
    return format_html(
        '<iframe src="{}" title="{}" width="100%" height="640" frameborder="0" loading="lazy" referrerpolicy="origin"></iframe>',
        address,
        form.title,
    )


def post_code(form: Form, address: str) -> SafeString:
    """Return a bare form that another site may send from."""
    lines = [bare_input(one) for one in read_fields(form.fields)]
    for purpose, text in texts_of(form).items():
        lines.append(format_html('<label><input type="checkbox" name="{}"> {}</label>', BOXES[purpose], text))
    inputs = format_html_join("\n", "  {}", ((line,) for line in lines))
    return format_html('<form method="post" action="{}">\n{}\n  <button>Send</button>\n</form>', address, inputs)


def bare_input(one: AskedField) -> SafeString:
    """Return the label and the input of one field, without any class."""
    name = format_html('name="{}"{}', one.name, SafeString(" required") if one.required else "")
    match one.type:
        case "long":
            return format_html("<label>{} <textarea {}></textarea></label>", one.label, name)
        case "choice":
            options = format_html_join("", "<option>{}</option>", ((option,) for option in one.options))
            return format_html("<label>{} <select {}>{}</select></label>", one.label, name, options)
        case "several":
            box = '<label><input type="checkbox" name="{}" value="{}"> {}</label>'
            boxes = format_html_join(" ", box, ((one.name, option, option) for option in one.options))
            return format_html("<fieldset><legend>{}</legend> {}</fieldset>", one.label, boxes)
        case "yes":
            return format_html('<label><input type="checkbox" {}> {}</label>', name, one.label)
        case _:
            return format_html(
                '<label>{} <input {} type="{}"></label>', one.label, name, _INPUT_TYPES.get(one.type, "text")
            )
