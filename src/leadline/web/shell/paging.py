"""Pages of a list that is not counted to its end: what ``shell/pager.html`` needs of them."""


class Paged:
    """A page of a list, to inherit from: who does says which page it is, how long pages are, and how many rows it shows."""

    @property
    def page_number(self) -> int:
        """Which page it is, from 1."""
        raise NotImplementedError

    @property
    def page_size(self) -> int:
        """How many rows a full page has."""
        raise NotImplementedError

    @property
    def row_count(self) -> int:
        """How many rows this page has."""
        raise NotImplementedError

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before."""
        return self.page_number > 1

    @property
    def previous_page_number(self) -> int:
        """The page before."""
        return self.page_number - 1

    @property
    def next_page_number(self) -> int:
        """The page after."""
        return self.page_number + 1

    @property
    def start_index(self) -> int:
        """The place of the first row."""
        return (self.page_number - 1) * self.page_size + 1

    @property
    def end_index(self) -> int:
        """The place of the last row."""
        return self.start_index + self.row_count - 1
