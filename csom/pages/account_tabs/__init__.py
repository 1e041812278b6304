"""One module for each tab of the account page."""
