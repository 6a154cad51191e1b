"""Setting an installation up: the first user, and the sources that send. Above accounts, whose tables these are, because what a source
has sent and what a playbook is are known further up."""
