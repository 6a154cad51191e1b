"""A playbook's text, changed value by value: everything that was not meant stays as it was, byte for byte.

read_form says what can be changed in a form, apply_edits changes it, criteria adds and removes criteria. Nothing here writes a playbook
anew: each change is made in the text, at the place where the value stands (spans, surgery), and the whole is read again afterwards.
"""
