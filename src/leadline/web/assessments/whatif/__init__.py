"""What another text of the playbook says of leads now, beside what the live version says: asked with a draft, looked at by the worker."""
