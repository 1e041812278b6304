"""What counts as a week of habit (operating model, 7.1)."""

WEEKS = 12
SHARE_OF_SEATS = 0.25  # active in a week, where no norm is agreed
SHARE_OF_NORM = 0.5  # of the uses of core features a week that were agreed
MOST_WEEKLY = 10_000_000  # uses
# Of a row `u` of pulse_usage: features that are not core are left out, unknown ones are not.
IS_KNOWN_FEATURE = (
    "(u.feature = '' OR u.feature NOT IN (SELECT f.key FROM pulse_feature f WHERE NOT f.is_core))"
)
