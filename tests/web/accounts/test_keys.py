"""Keys: made once, found by what was sent, ended at once."""

from leadline.web.accounts.keys import find_key, make_key, revoke_key
from leadline.web.accounts.models import SourceKey


def test_a_key_is_found_by_itself_and_by_nothing_else(website):
    key = make_key(website, SourceKey.Kind.SERVER)

    assert find_key(key).source == website
    assert find_key(key[:-1] + ("a" if key[-1] != "a" else "b")) is None
    assert find_key("") is None
    assert find_key("ll_server_x") is None


def test_a_servers_key_is_not_kept_and_a_browsers_is(website):
    server, browser = make_key(website, SourceKey.Kind.SERVER), make_key(website, SourceKey.Kind.BROWSER)

    assert find_key(server).public_key == ""
    assert find_key(browser).public_key == browser
    assert server not in str(SourceKey.objects.values())


def test_a_revoked_key_is_unknown(website):
    key = make_key(website, SourceKey.Kind.SERVER)

    revoke_key(find_key(key))

    assert find_key(key) is None
