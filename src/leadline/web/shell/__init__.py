"""The frame of every page: base template, the menu, parts, static files, security headers. It knows accounts and nothing above.

A page extends ``shell/base.html`` and fills blocks:

| block        | what for |
|---|---|
| `title`      | of the browser's tab; “· Leadline” follows |
| `top`        | the bar: ``<h1>``, then ``<span class="grow"></span>`` and buttons. Left out, it shows the context's `title` |
| `main`       | the page, for members; a grid with gaps |
| `anon`       | the page, for who is not signed in: a ``<section class="card sheet">`` |
| `head`       | more styles or scripts: ``<link rel="stylesheet" href="{% asset 'app/some.css' %}">`` |
| `body_class` | a class of the body, for styles of one page |

Parts that exist as classes (parts.css, forms.css, layout.css; `kpis` and `kpi` in kpis.css, which a page asks for):

- *Layout*: `stack`, `cols wide-narrow`, `cols halves`, `kpis`, `acts` (a row of buttons), `narrow`, `grow`.
- *Boxes*: `card` (with ``<header><h2>``; `flush` for a table to its edges), `sheet`, `kpi` (`t`, `v`, `n`), `empty` and `empty big`,
  `note` (`success`, `warning`, `error`), `dialog`, ``<details class="more">``, ``<details class="drop">`` with a fieldset: a menu.
- *Tables*: ``table.grid`` (lists; inside `card flush`), ``table.plain`` (inside a card); `num` for numbers; ``dl.facts``.
- *Words*: `chip` (`ok`, `warn`, `bad`, `quiet`; in a `chips`), `count`, `grade` (`g1` best … `g4`), `stage` (`s1` …), `av` (avatar), `who`,
  `dim`, `good`, `bad`, `mono`, `link`, `vh` (only for screen readers), `nowrap`.
- *Doing*: `btn` (`primary`, `danger`, `ghost`, `small`), `icon`, `pair`, `tabs`, `crumbs`, `filters` (`search`, `sel`, `clear`), `pager`,
  `progress`.

Templates to include, each says in its first line what it needs: ``shell/pager.html``, ``shell/empty.html``, ``shell/progress.html``.

Tags and filters that every template has: ``{% fields form %}`` and ``{% field form.name %}`` (label, help, what is wrong),
``{% asset "app/file.css" %}`` (an address that changes with the content), ``{% qs page=2 %}`` (this page's query with changes),
``{% lucide "name" size=16 %}``, and ``initials``, ``hue``, ``points``, ``signed_points``, ``ago``.

With JavaScript:

- ``data-rows`` on a list, ``data-row`` on its rows, ``data-open`` on the link in each: j, k, Enter and x work;
- ``data-key="n"`` on what a key presses; ``data-search`` on the field that f goes to; / opens the palette, which searches everything;
- ``data-ticks="lead"`` on a box that ticks all boxes of a name;
- ``data-opens="id"`` opens a dialog, ``data-closes`` closes the one around it, ``data-copies="id"`` copies what an element says.
"""
