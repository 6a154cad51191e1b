"""Search from anywhere: leads, companies, pages, saved views and actions, in a dialog that / opens, or as a plain page."""
