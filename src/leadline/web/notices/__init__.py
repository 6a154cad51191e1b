"""Tell people: what happens to hand-offs, in the app, by mail, in a channel of Slack or Teams (docs/notices.md).

tell         writes notices in the transaction of what happened
whom         who is told of what
when         when a mail leaves: at once, with the day's others, after quiet hours
mails        a mail leaves at most once, and doubt is shown
posts        the same for messages to channels
sending      the job of the worker
keeping      how long notices and posts are kept
said         notices in words
queries      reads, actions: writes, forms and views: the pages
subjects     what is held of a person
"""
